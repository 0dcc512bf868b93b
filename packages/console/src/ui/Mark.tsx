import icon from "../style/icon.svg"

/** Muster's mark. */
export const Mark = () => <img className="mark" src={icon} alt="" width={28} height={28} />
