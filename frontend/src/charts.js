/**
 * Draws every `<figure data-chart="id">` from the JSON of `<script type="application/json" id="id">`:
 * panels one above the other, sharing their days, each axis from zero. Bars and lines differ in form, not only in colour.
 * A panel with `series` shows several side by side, told apart by dashes or stripes too; `named` data has names in place of days.
 */
import { BarChart, LineChart } from "echarts/charts";
import { AxisPointerComponent, GridComponent, LegendComponent, TitleComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, TitleComponent, TooltipComponent, AxisPointerComponent, LegendComponent, CanvasRenderer]);

const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** A CSS variable as rgb: the charts' own parser knows no oklch. */
function colour(name) {
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  pixel.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = pixel.getImageData(0, 0, 1, 1).data;
  return `rgba(${red},${green},${blue},${alpha / 255})`;
}

function option(data, width) {
  const text = colour("--color-base-content");
  const quiet = colour("--ink-2");
  const line = colour("--line");
  const paper = colour("--color-base-100");
  const family = getComputedStyle(document.body).fontFamily;
  const day = new Intl.DateTimeFormat(data.language, {
    month: data.language.startsWith("zh") ? "numeric" : "short",
    day: "numeric",
    timeZone: "UTC",
  });
  const long = new Intl.DateTimeFormat(data.language, { year: "numeric", month: "long", day: "numeric", weekday: "short", timeZone: "UTC" });
  const date = (iso) => new Date(`${iso}T00:00:00Z`);
  const short = data.panels.map(
    (panel) => new Intl.NumberFormat(data.language, { notation: "compact", maximumFractionDigits: 1 }),
  );
  const exact = data.panels.map(
    (panel) =>
      new Intl.NumberFormat(data.language, {
        style: "currency",
        currency: panel.currency,
        currencyDisplay: "narrowSymbol",
        minimumFractionDigits: panel.digits,
      }),
  );
  const unit = exact.map((format) => format.formatToParts(0).find((part) => part.type === "currency").value);
  const lines = (panel) => panel.series ?? [panel];
  const units = (one, panel, at) => one.values[at] / 10 ** panel.digits;
  const axis = (at) => (data.named ? data.days[at] : long.format(date(data.days[at])));
  const count = data.panels.length;
  const height = 100 / count;
  const narrow = width < 480;
  return {
    animation: false,
    textStyle: { fontFamily: family, color: quiet },
    title: data.panels.map((panel, at) => ({
      text: `${panel.label} · ${unit[at]}`,
      left: 0,
      top: `${at * height}%`,
      padding: [6, 0, 0, 0],
      textStyle: { fontSize: 12, fontWeight: 400, color: quiet, fontFamily: family },
    })),
    grid: data.panels.map((_, at) => ({
      left: 0,
      right: 8,
      top: `${at * height + 10}%`,
      height: `${height - (at === count - 1 ? 12 : 14)}%`,
      containLabel: false,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    })),
    axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: quiet } },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      confine: true,
      backgroundColor: paper,
      borderColor: line,
      borderWidth: 1,
      padding: [8, 12],
      textStyle: { color: text, fontSize: 12, lineHeight: 18, fontFamily: family },
      axisPointer: { type: "shadow", shadowStyle: { color: line, opacity: 0.35 } },
      formatter: (points) => {
        const at = points[0].dataIndex;
        return [axis(at)]
          .concat(
            data.panels.flatMap((panel, one) =>
              lines(panel).map((each) => `${each.label}  ${exact[one].format(units(each, panel, at))}`),
            ),
          )
          .join("\n");
      },
    },
    xAxis: data.panels.map((_, at) => ({
      type: "category",
      gridIndex: at,
      data: data.days,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: line } },
      axisLabel: {
        show: at === count - 1,
        color: quiet,
        hideOverlap: true,
        fontSize: 12,
        formatter: (iso) => (data.named ? iso : day.format(date(iso))),
        ...(data.named ? { rotate: narrow ? 60 : 30, width: 110, overflow: "truncate", interval: 0, hideOverlap: false } : {}),
      },
      axisPointer: { label: { show: false } },
    })),
    yAxis: data.panels.map((_, at) => ({
      type: "value",
      gridIndex: at,
      min: 0,
      splitNumber: narrow ? 2 : 3,
      splitLine: { lineStyle: { color: line } },
      axisLabel: { color: quiet, fontSize: 12, formatter: (number) => short[at].format(number) },
      axisPointer: { show: false },
    })),
    legend: data.panels.some((panel) => panel.series)
      ? { top: 0, right: 0, itemWidth: 22, itemHeight: 8, textStyle: { color: quiet, fontSize: 12, fontFamily: family } }
      : undefined,
    series: data.panels.flatMap((panel, at) =>
      lines(panel).map((one, place) => ({
        type: panel.form,
        name: one.label,
        xAxisIndex: at,
        yAxisIndex: at,
        data: one.values.map((_, index) => units(one, panel, index)),
        color: colour(`--chart-${(panel.series ? place : at) + 1}`),
        barMaxWidth: 28,
        barCategoryGap: "28%",
        itemStyle: panel.form === "bar" ? { borderRadius: [2, 2, 0, 0] } : undefined,
        lineStyle: { width: 2, type: panel.series && place === 0 ? "dashed" : "solid" },
        symbol: "circle",
        symbolSize: 5,
        showSymbol: one.values.length <= 31,
        emphasis: { disabled: true },
      })),
    ),
  };
}

/** Draws the figures that are not drawn yet, and lets go of those that left the page. */
const drawings = new Map();

function drawAll() {
  for (const [canvas, one] of drawings) {
    if (!canvas.isConnected) {
      one.watch.disconnect();
      one.drawn.dispose();
      drawings.delete(canvas);
    }
  }
  for (const figure of document.querySelectorAll("[data-chart]")) {
    const canvas = figure.querySelector(".chart-canvas");
    if (drawings.has(canvas)) continue;
    const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
    const drawn = init(canvas);
    const draw = () => drawn.setOption(option(data, canvas.clientWidth), { notMerge: true });
    draw();
    const watch = new ResizeObserver(() => {
      drawn.resize();
      draw();
    });
    watch.observe(canvas);
    drawings.set(canvas, { drawn, draw, watch });
  }
}

drawAll();
document.addEventListener("htmx:afterSettle", drawAll);
document.addEventListener("themechange", () => drawings.forEach((one) => one.draw()));
