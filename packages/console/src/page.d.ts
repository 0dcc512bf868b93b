declare module "*.css"
declare module "*.svg" {
  const url: string
  export default url
}

/** The version of this page, which is that of its server. */
declare const MUSTER_VERSION: string
