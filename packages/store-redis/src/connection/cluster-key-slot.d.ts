declare module "cluster-key-slot" {
  /** The slot of a key, 0 … 16,383, by its hash tag where it has one. Source: the Redis Cluster specification. */
  export default function slotOf(key: string): number
}
