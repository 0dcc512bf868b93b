export { Conditions, type Occurrence } from "@muster/domain"
