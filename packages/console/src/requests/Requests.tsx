const Requests = () => <h1>Requests</h1>

export default Requests
