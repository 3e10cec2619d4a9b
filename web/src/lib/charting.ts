/* lib/charting.ts - what is used of lightweight-charts, so that the rest stays out of the bundle. */
export { CandlestickSeries, createChart, createSeriesMarkers, CrosshairMode, HistogramSeries, LineSeries } from 'lightweight-charts';
