import { readFileSync, readdirSync, statSync, existsSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const interfaces = join(here, "../src/rongshu/interfaces");

function* files(folder, suffixes) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name === "dist" || name === "__pycache__") continue;
    if (statSync(path).isDirectory()) yield* files(path, suffixes);
    else if (suffixes.some((suffix) => name.endsWith(suffix))) yield path;
  }
}

/** Collects the icons that templates and pages name, and nothing else, into `icons.json` for the `icon` tag. */
function icons() {
  const named = [/\{%\s*icon\s+"([a-z0-9-]+)"/g, /\bicon="([a-z0-9-]+)"/g];
  const source = (name) =>
    [join(here, "src/icons", `${name}.svg`), join(here, "node_modules/lucide-static/icons", `${name}.svg`)].find(existsSync);
  return {
    name: "rongshu-icons",
    generateBundle() {
      const found = {};
      for (const path of files(interfaces, [".html", ".py"])) {
        if (!/\.html$|\/pages(\.py$|\/)/.test(path)) continue;
        const text = readFileSync(path, "utf8");
        for (const [, name] of named.flatMap((pattern) => [...text.matchAll(pattern)])) {
          if (found[name]) continue;
          const svg = source(name);
          if (!svg) {
            this.error(`${relative(here, path)} names the icon "${name}", which is neither in lucide nor in frontend/src/icons`);
          }
          found[name] = readFileSync(svg, "utf8")
            .replace(/^[\s\S]*?<svg[^>]*>/, "")
            .replace(/<\/svg>\s*$/, "")
            .replace(/\s*\n\s*/g, "")
            .replace(/ \/>/g, "/>");
        }
      }
      const sorted = Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
      this.emitFile({ type: "asset", fileName: "icons.json", source: JSON.stringify(sorted) });
      for (const name of ["mark.svg", "icon-180.png", "icon-192.png", "icon-512.png"]) {
        this.emitFile({ type: "asset", fileName: name, source: readFileSync(join(here, "src/icons", name)) });
      }
    },
  };
}

/** Puts a gzip and a brotli beside every text file, so that the web server never compresses at run time. */
function compressed() {
  let folder;
  return {
    name: "rongshu-compressed",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
      if (config.build.outDir.startsWith("/")) folder = config.build.outDir;
    },
    closeBundle() {
      for (const path of files(folder, [".js", ".css"])) {
        const bytes = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(bytes));
      }
    },
  };
}

export default defineConfig({
  root: here,
  base: "./",
  publicDir: false,
  logLevel: "warn",
  plugins: [tailwindcss(), icons(), compressed()],
  build: {
    outDir: join(interfaces, "faces/assets/dist"),
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      checks: { eval: false },
      input: ["theme", "console", "portal", "public", "charts"].map((name) => join(here, `src/${name}.js`)),
    },
  },
});
