declare module "*.css"
declare module "*.svg" {
  const url: string
  export default url
}

/** The release that this page was built with; its server is of the same. */
declare const MUSTER_VERSION: string
