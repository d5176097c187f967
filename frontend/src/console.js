import "./console.css";
import "./parts/theme.js";
import "./parts/menus.js";
import "./parts/confirm.js";
import "./parts/copy.js";
import "./parts/export.js";
import "./parts/lines.js";
import "./parts/living.js";
