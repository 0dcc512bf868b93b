/** The outlines of the fleet while it is loaded. They appear after a short delay, so that fast responses do not flicker. */
export const FleetLoading = () => (
  <div role="status">
    <span className="hidden">Loading the fleet …</span>
    <div className="fleet-loading" aria-hidden="true">
      {[4, 3].map((rows) => (
        <div key={rows}>
          <i className="fleet-loading-head" />
          {Array.from({ length: rows }, (_, i) => <i key={i} />)}
        </div>
      ))}
    </div>
  </div>
)
