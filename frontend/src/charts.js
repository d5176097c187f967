/**
 * Draws every `<figure data-chart="id">` from the JSON of `<script type="application/json" id="id">`:
 * panels one above the other, sharing their days, each axis from zero. Bars and lines differ in form, not only in colour.
 */
import { BarChart, LineChart } from "echarts/charts";
import { AxisPointerComponent, GridComponent, TitleComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, TitleComponent, TooltipComponent, AxisPointerComponent, CanvasRenderer]);

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
  const value = (panel, at) => panel.values[at] / 10 ** panel.digits;
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
        return [long.format(date(data.days[at]))]
          .concat(data.panels.map((panel, one) => `${panel.label}  ${exact[one].format(value(panel, at))}`))
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
        formatter: (iso) => day.format(date(iso)),
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
    series: data.panels.map((panel, at) => ({
      type: panel.form,
      name: panel.label,
      xAxisIndex: at,
      yAxisIndex: at,
      data: panel.values.map((_, one) => value(panel, one)),
      color: colour(`--chart-${at + 1}`),
      barMaxWidth: 28,
      barCategoryGap: "28%",
      itemStyle: panel.form === "bar" ? { borderRadius: [2, 2, 0, 0] } : undefined,
      lineStyle: { width: 2 },
      symbol: "circle",
      symbolSize: 5,
      showSymbol: panel.values.length <= 31,
      emphasis: { disabled: true },
    })),
  };
}

for (const figure of document.querySelectorAll("[data-chart]")) {
  const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const canvas = figure.querySelector(".chart-canvas");
  const drawn = init(canvas);
  const draw = () => drawn.setOption(option(data, canvas.clientWidth), { notMerge: true });
  draw();
  new ResizeObserver(() => {
    drawn.resize();
    draw();
  }).observe(canvas);
  document.addEventListener("themechange", draw);
}
