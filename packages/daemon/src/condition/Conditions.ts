export { Conditions } from "@muster/domain"
