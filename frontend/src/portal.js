import "./portal.css";
import "./parts/theme.js";
import "./parts/sheet.js";
import "./parts/copy.js";
import "./parts/living.js";
