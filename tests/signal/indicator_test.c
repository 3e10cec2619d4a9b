/* tests/signal/indicator_test.c - the table itself, golden values, flat input, scale, and ten million bars. */
#include "signal/series.h"

static struct series series;
static struct result result;

static const struct td_indicator *find(const char *name)
{
    const struct td_indicator *row = td_indicator_find(td_str_of(name));
    if (!row)
        fail_msg("no row %s", name);
    return row;
}

/* ---- the table ---- */

static void names_are_unique_and_rows_are_whole(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < td_indicator_count(); i++) {
        const struct td_indicator *row = td_indicator_at(i);
        double params[TD_IND_PARAMS_MAX];
        assert_true(row->name && row->group && row->formula && row->source);
        assert_true(row->lookback && row->init && row->step && row->batch);
        assert_true(td_indicator_inputs(row) > 0 && td_indicator_outputs(row) > 0);
        td_indicator_presets(row, params);
        TD_OK_OR_FAIL(td_indicator_check(row, params, NULL));
        assert_ptr_equal(find(row->name), row);
        for (size_t k = 0; k < i; k++) {
            const struct td_indicator *before = td_indicator_at(k);
            assert_string_not_equal(before->name, row->name);
            assert_true(!row->talib || !before->talib || strcmp(row->talib, before->talib) != 0);
            assert_true(!row->tulip || !before->tulip || strcmp(row->tulip, before->tulip) != 0);
        }
    }
    assert_true(td_indicator_count() >= 190);
}

static void rows_are_found_by_every_name_in_any_case(void **unused)
{
    (void)unused;
    assert_string_equal(find("rsi")->name, "RSI");
    assert_string_equal(find("wilders")->name, "RMA");
    assert_string_equal(find("PSAR")->name, "SAR");
    assert_string_equal(find("linregslope")->name, "LINEARREG_SLOPE");
    assert_string_equal(find("Ht_DcPeriod")->name, "HT_DCPERIOD");
    assert_null(td_indicator_find(td_str_of("")));
    assert_null(td_indicator_find(td_str_of("RSI ")));
    assert_null(td_indicator_find(td_str_of("nothing")));
}

static void parameters_are_found_and_checked(void **unused)
{
    (void)unused;
    const struct td_indicator *row = find("BBANDS");
    double params[TD_IND_PARAMS_MAX];
    struct td_fail why;
    assert_int_equal(td_indicator_param(row, td_str_of("timeperiod")), 0);
    assert_int_equal(td_indicator_param(row, td_str_of("period")), 0);
    assert_int_equal(td_indicator_param(row, td_str_of("optInTimePeriod")), 0);
    assert_int_equal(td_indicator_param(row, td_str_of("NbDev_Dn")), 2);
    assert_int_equal(td_indicator_param(row, td_str_of("nbdev")), -1);
    assert_int_equal(td_indicator_param(row, td_str_of("")), -1);
    static const double bad[] = {0, -3, 100001, 2.5, (double)NAN, (double)INFINITY};
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        td_indicator_presets(row, params);
        params[0] = bad[i];
        assert_int_equal(td_indicator_check(row, params, &why), TD_ERANGE);
        assert_non_null(strstr(why.text, "BBANDS: timeperiod is"));
        assert_non_null(strstr(why.text, "an integer from 1 to 100000"));
    }
}

/* ---- ind_golden: the reference's numbers on its own series ---- */

struct golden {
    const char *name;
    double params[4];
    int count, output;
    double first, last;
};

static const struct golden golden[] = {
    {"SMA", {20}, 1, 0, 99.987, 104.3555},
    {"EMA", {20}, 1, 0, 99.987, 104.1717631},
    {"WMA", {20}, 1, 0, 100.0451429, 104.0865238},
    {"DEMA", {20}, 1, 0, 100.7240843, 103.9170352},
    {"TEMA", {20}, 1, 0, 101.9890703, 103.7187792},
    {"TRIMA", {20}, 1, 0, 99.86263636, 104.2549091},
    {"KAMA", {10}, 1, 0, 99.71862778, 104.2715258},
    {"T3", {5, 0.7}, 2, 0, 100.3458158, 103.9022895},
    {"MACD", {12, 26, 9}, 3, 0, 0.2070997766, -0.2161972663},
    {"MACD", {12, 26, 9}, 3, 1, 0.1940309835, -0.1341174709},
    {"APO", {12, 26, 1}, 3, 0, 0.1519125033, -0.2161972663},
    {"PPO", {12, 26, 1}, 3, 0, 0.1518453409, -0.2074111023},
    {"RSI", {14}, 1, 0, 44.49438202, 39.53268884},
    {"CMO", {14}, 1, 0, -11.01123596, -20.93462232},
    {"ATR", {14}, 1, 0, 0.69, 0.7408911636},
    {"NATR", {14}, 1, 0, 0.6908981676, 0.7162520917},
    {"ADX", {14}, 1, 0, 12.45688616, 19.4658186},
    {"ADXR", {14}, 1, 0, 14.58900864, 19.50422126},
    {"PLUS_DI", {14}, 1, 0, 14.09465021, 11.03297111},
    {"MINUS_DI", {14}, 1, 0, 17.71130104, 20.71297545},
    {"PLUS_DM", {14}, 1, 0, 1.37, 1.144392312},
    {"DX", {14}, 1, 0, 11.37098781, 30.4920955},
    {"SAR", {0.02, 0.2}, 2, 0, 99.78, 104.58},
    {"AROON", {14}, 1, 0, 78.57142857, 100},
    {"AROON", {14}, 1, 1, 0, 0},
    {"CCI", {20}, 1, 0, 149.4209624, -113.1825905},
    {"WILLR", {14}, 1, 0, -67.4556213, -85.05747126},
    {"MFI", {14}, 1, 0, 36.4385671, 44.66933104},
    {"ULTOSC", {7, 14, 28}, 3, 0, 44.11055671, 46.89183681},
    {"TRIX", {15}, 1, 0, 0.02448125586, -0.01686266105},
    {"ROC", {10}, 1, 0, -1.115982463, -0.4810467577},
    {"BBANDS", {20, 2, 2, 0}, 4, 0, 100.6759731, 105.5562244},
    {"BBANDS", {20, 2, 2, 0}, 4, 2, 99.29802685, 103.1547756},
    {"STDDEV", {20, 1}, 2, 0, 0.3444865745, 0.6003621824},
    {"AVGDEV", {14}, 1, 0, 0.2385714286, 0.2764285714},
    {"LINEARREG", {14}, 1, 0, 99.60485714, 103.756},
    {"LINEARREG_SLOPE", {14}, 1, 0, -0.03837362637, -0.04138461538},
    {"TSF", {14}, 1, 0, 99.56648352, 103.7146154},
    {"CORREL", {30}, 1, 0, 0.7229886684, 0.9357625948},
    {"BETA", {5}, 1, 0, -0.500305235, 0.2122128948},
    {"OBV", {0}, 0, 0, 2927, 83346},
    {"AD", {0}, 0, 0, 647.0210526, 19459.89242},
    {"ADOSC", {3, 10}, 2, 0, -1737.679979, -2027.812382},
    {"BOP", {0}, 0, 0, 0.4210526316, -0.3048780488},
    {"ACCBANDS", {20}, 1, 0, 101.7382798, 106.3065665},
    {"MIDPRICE", {14}, 1, 0, 99.885, 104.05},
    {"HT_DCPERIOD", {0}, 0, 0, 15.64669602, 22.97477482},
};

/* Ten digits are given: half of the last one more than 1e-9. */
static bool as_given(double value, double given)
{
    return fabs(value - given) <= 1e-9 + 1e-9 * fabs(given);
}

static void ind_golden(void **unused)
{
    (void)unused;
    double params[TD_IND_PARAMS_MAX];
    series_walk(&series, 300, 12345, 0);
    assert_true(series.column[HIGH][0] == 100.73 && series.column[VOLUME][299] == 2907);
    for (size_t g = 0; g < TD_COUNT(golden); g++) {
        const struct td_indicator *row = find(golden[g].name);
        td_indicator_presets(row, params);
        memcpy(params, golden[g].params, (size_t)golden[g].count * sizeof *params);
        series_batch(row, params, &series, 300, &result);
        const double *out = result.out[golden[g].output];
        const int32_t first = td_indicator_lookback(row, params);
        if (!as_given(out[first], golden[g].first) || !as_given(out[299], golden[g].last))
            fail_msg("%s output %d: first %.10g for %.10g, last %.10g for %.10g", row->name,
                     golden[g].output, out[first], golden[g].first, out[299], golden[g].last);
    }
}

static void ind_golden_stochastics(void **unused)
{
    (void)unused;
    static const double slow[] = {14, 3, 0, 3, 0, 0, 0, 0}, rsi[] = {14, 14, 3, 0, 0, 0, 0, 0};
    series_walk(&series, 300, 12345, 0);
    series_batch(find("STOCH"), slow, &series, 300, &result);
    assert_true(as_given(result.out[0][17], 76.44300144) &&
                as_given(result.out[0][299], 26.18141965));
    assert_true(as_given(result.out[1][17], 66.11002957) &&
                as_given(result.out[1][299], 32.5168247));
    series_batch(find("STOCHRSI"), rsi, &series, 300, &result);
    assert_true(as_given(result.out[0][29], 0) && as_given(result.out[0][299], 15.82022902));
    assert_true(as_given(result.out[1][29], 36.42610054) &&
                as_given(result.out[1][299], 33.61800103));
}

static void ind_golden_candles(void **unused)
{
    (void)unused;
    static const struct {
        const char *name;
        int up, down;
    } hits[] = {{"CDLDOJI", 32, 0},       {"CDLMARUBOZU", 0, 1},     {"CDLSPINNINGTOP", 35, 28},
                {"CDLHAMMER", 3, 0},      {"CDLSHOOTINGSTAR", 0, 4}, {"CDLENGULFING", 15, 18},
                {"CDLHARAMI", 18, 7},     {"CDLPIERCING", 1, 0},     {"CDLDARKCLOUDCOVER", 0, 0},
                {"CDLMORNINGSTAR", 2, 0}, {"CDLEVENINGSTAR", 0, 4},  {"CDL3WHITESOLDIERS", 0, 0},
                {"CDL3BLACKCROWS", 0, 0}};
    double params[TD_IND_PARAMS_MAX];
    series_walk(&series, 300, 12345, 0);
    for (size_t h = 0; h < TD_COUNT(hits); h++) {
        int up = 0, down = 0;
        td_indicator_presets(find(hits[h].name), params);
        series_batch(find(hits[h].name), params, &series, 300, &result);
        for (size_t i = 0; i < 300; i++) {
            up += result.out[0][i] > 0;
            down += result.out[0][i] < 0;
        }
        if (up != hits[h].up || down != hits[h].down)
            fail_msg("%s: %d/%d hits", hits[h].name, up, down);
    }
}

/* ---- ind_flat ---- */

static void ind_flat(void **unused)
{
    (void)unused;
    static const struct {
        const char *name;
        int output;
        double value;
    } rows[] = {
        {"RSI", 0, 0},
        {"CMO", 0, 0},
        {"WILLR", 0, 0},
        {"STOCHF", 0, 0},
        {"STOCHF", 1, 0},
        {"STOCH", 0, 0},
        {"MFI", 0, 0},
        {"CCI", 0, 0},
        {"ADX", 0, 0},
        {"DX", 0, 0},
        {"PLUS_DI", 0, 0},
        {"ULTOSC", 0, 0},
        {"CORREL", 0, 0},
        {"BETA", 0, 0},
        {"STOCHRSI", 0, 0},
        {"TRIX", 0, 0},
        {"KAMA", 0, 0.1},
        {"AROON", 0, 100},
        {"AROON", 1, 100},
        {"AROONOSC", 0, 0},
        {"BBANDS", 0, 0.1},
        {"BBANDS", 1, 0.1},
        {"BBANDS", 2, 0.1},
        {"STDDEV", 0, 0},
        {"PERCENTB", 0, 0.5},
        {"ZSCORE", 0, 0},
        {"SKEW", 0, 0},
        {"KURT", 0, 0},
        {"LINEARREG_SLOPE", 0, 0},
        {"ATR", 0, 0},
        {"BOP", 0, 0},
        {"IMI", 0, 50},
        {"VORTEX", 0, 0},
        {"CHOP", 0, 0},
        {"CMOU", 0, 0},
        {"TSI", 0, 0},
        {"SMI", 0, 0},
        {"HURST", 0, 0.5},
        {"VARRATIO", 0, 1},
        {"HV", 0, 0},
        {"R2", 0, 0},
        {"ER", 0, 0},
        {"VHF", 0, 0},
        {"AVGDEV", 0, 0},
    };
    double params[TD_IND_PARAMS_MAX];
    series_constant(&series, 600, 0.1);
    for (size_t r = 0; r < TD_COUNT(rows); r++) {
        const struct td_indicator *row = find(rows[r].name);
        td_indicator_presets(row, params);
        series_batch(row, params, &series, 600, &result);
        for (size_t i = (size_t)td_indicator_lookback(row, params); i < 600; i++)
            if (fabs(result.out[rows[r].output][i] - rows[r].value) > 1e-15)
                fail_msg("%s output %d is %.17g on flat input, bar %zu", row->name, rows[r].output,
                         result.out[rows[r].output][i], i);
    }
}

/* A spread that ends leaves nothing behind. */
static void flat_after_wild_is_flat(void **unused)
{
    (void)unused;
    static const char *const names[] = {"STDDEV", "CCI",    "CORREL",          "AVGDEV",  "ZSCORE",
                                        "WILLR",  "VORTEX", "LINEARREG_SLOPE", "PERCENTB"};
    double params[TD_IND_PARAMS_MAX];
    series_extreme(&series, 600, 9);
    for (size_t i = 300; i < 600; i++)
        for (int c = OPEN; c <= CLOSE; c++)
            series.column[c][i] = 0.0037;
    for (size_t r = 0; r < TD_COUNT(names); r++) {
        const struct td_indicator *row = find(names[r]);
        td_indicator_presets(row, params);
        series_batch(row, params, &series, 600, &result);
        const double flat = strcmp(names[r], "PERCENTB") == 0 ? 0.5 : 0;
        for (size_t i = 340; i < 600; i++)
            if (result.out[0][i] != flat)
                fail_msg("%s is %.17g on bar %zu", names[r], result.out[0][i], i);
    }
}

/* ---- ind_scale ---- */

/* Rows whose values do not scale as a power of the price, and why. */
static bool does_not_scale(const struct td_indicator *row)
{
    static const char *const names[] = {
        "LINEARREG_ANGLE", /* an angle of price over time */
        "DECAY",           /* takes 1/n of a unit off */
        "FRACDIFF",        /* weights that end do not sum to 0: ln of the factor stays in it */
    };
    if (strcmp(row->group, "math") == 0 && td_indicator_params(row) == 0)
        return true; /* functions of the number itself */
    for (size_t i = 0; i < TD_COUNT(names); i++)
        if (strcmp(names[i], row->name) == 0)
            return true;
    return false;
}

/* True when every value is the other times `factor`, to 1e-9 of the largest. */
static bool scales(const double *one, const double *two, size_t n, double factor)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = isfinite(one[i]) ? fmax(largest, fabs(one[i] * factor)) : largest;
    for (size_t i = 0; i < n; i++) {
        if (isnan(one[i]) != isnan(two[i]))
            return false;
        if (!isnan(one[i]) && fabs(one[i] * factor - two[i]) > 1e-9 * largest)
            return false;
    }
    return true;
}

/* Prices off the grid of ticks: moves that are equal there may differ by a rounding once they are scaled, and either may win. */
static void leave_the_grid(struct series *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const double shift = 0.003 * sin(1.7 * (double)i),
                     high = 0.002 * (1 + cos(2.3 * (double)i));
        s->column[OPEN][i] += shift;
        s->column[CLOSE][i] += shift * 0.91;
        s->column[HIGH][i] += 0.004 + high;
        s->column[LOW][i] -= 0.004 + 0.7 * high;
    }
}

static void check_scale(const struct td_indicator *row, const struct series *scaled, double factor,
                        int set)
{
    static struct result one;
    double params[TD_IND_PARAMS_MAX];
    series_params(row, set, params);
    if (strcmp(row->name, "SKEW") == 0)
        params[0] = fmax(params[0], 3); /* two values have none but their rounding */
    series_batch(row, params, &series, 600, &one);
    series_batch(row, params, scaled, 600, &result);
    for (int k = 0; k < td_indicator_outputs(row); k++) {
        bool found = false;
        for (int power = -1; power <= 2 && !found; power++)
            found = scales(one.out[k], result.out[k], 600, pow(factor, power));
        if (!found)
            fail_msg("%s %s, set %d: prices times %g: %.12g became %.12g", row->name,
                     row->outputs[k], set, factor, one.out[k][599], result.out[k][599]);
    }
}

/* Every row, with every set of parameters, on a walk and on one with gaps. */
static void ind_scale(void **unused)
{
    (void)unused;
    static const double factors[] = {1e-6, 1e6};
    static const uint32_t jumps[] = {0, 900};
    static struct series scaled;
    for (size_t j = 0; j < TD_COUNT(jumps); j++) {
        series_walk(&series, 600, 2024, jumps[j]);
        leave_the_grid(&series);
        for (size_t f = 0; f < TD_COUNT(factors); f++) {
            scaled = series;
            series_scale(&scaled, factors[f]);
            for (size_t r = 0; r < td_indicator_count() * PARAM_SETS; r++)
                if (!does_not_scale(td_indicator_at(r / PARAM_SETS)))
                    check_scale(td_indicator_at(r / PARAM_SETS), &scaled, factors[f],
                                (int)(r % PARAM_SETS));
        }
    }
}

/* ---- ind_long: ten million bars drift no further than one window ---- */

#define LONG_BARS   10000000u
#define LONG_WINDOW 30

static void exact(const double *x, const double *y, double *mean, double *variance, double *correl)
{
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (int i = 0; i < LONG_WINDOW; i++) {
        mx += x[i];
        my += y[i];
    }
    mx /= LONG_WINDOW;
    my /= LONG_WINDOW;
    for (int i = 0; i < LONG_WINDOW; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    *mean = mx;
    *variance = xx / LONG_WINDOW;
    *correl = xy / sqrt(xx * yy);
}

static void ind_long(void **unused)
{
    (void)unused;
    static const char *const names[] = {"SMA", "VAR", "CORREL"};
    const double params[TD_IND_PARAMS_MAX] = {LONG_WINDOW, 1};
    double x[LONG_WINDOW] = {0}, y[LONG_WINDOW] = {0}, in[2], out[3] = {0}, true_of[3], worst = 0;
    const struct td_indicator *rows[3];
    void *states[3];
    uint32_t seed = 12345;
    int64_t price = 1000000;
    for (int k = 0; k < 3; k++) {
        rows[k] = find(names[k]);
        states[k] = series_state(rows[k], params);
    }
    for (uint32_t i = 0; i < LONG_BARS; i++) {
        price += series_draw(&seed, 101) - 50;
        price = price < 1000 ? 1000 : price;
        in[0] = x[i % LONG_WINDOW] = (double)price / 100;
        in[1] = y[i % LONG_WINDOW] = (double)(price + series_draw(&seed, 400)) / 100;
        for (int k = 0; k < 3; k++)
            assert_true(td_indicator_step(rows[k], states[k], in, &out[k]) != TD_EINVAL);
        if (i < 100 || i % 9973 != 0)
            continue;
        exact(x, y, &true_of[0], &true_of[1], &true_of[2]);
        for (int k = 0; k < 3; k++)
            worst = fmax(worst, fabs(out[k] - true_of[k]) / fmax(1, fabs(true_of[k])));
    }
    print_message("ind_long: %u bars, greatest drift %.3g\n", LONG_BARS, worst);
    assert_true(worst < 1e-10);
    for (int k = 0; k < 3; k++)
        free(states[k]);
}

/* A value of 1e12 now and then leaves nothing behind in a mean of values near 1. */
static void a_mean_forgets_what_has_left(void **unused)
{
    (void)unused;
    const double params[TD_IND_PARAMS_MAX] = {7};
    const struct td_indicator *row = find("SMA");
    void *state = series_state(row, params);
    double last[7] = {0}, mean = 0, sum = 0;
    uint32_t seed = 8;
    for (int i = 0; i < 1000004; i++) {
        last[i % 7] = ((int)series_draw(&seed, 2000) - 1000) * (i % 1000 == 0 ? 1e9 : 1e-3);
        const enum td_err err = td_indicator_step(row, state, &last[i % 7], &mean);
        assert_int_equal(err, i < 6 ? TD_EAGAIN : TD_OK);
    }
    for (int i = 0; i < 7; i++)
        sum += last[i];
    assert_true(fabs(mean - sum / 7) < 1e-3); /* one of the seven is 1e12 times as large */
    for (int i = 1000004; i < 1000030; i++) {
        last[i % 7] = 0.25;
        TD_OK_OR_FAIL(td_indicator_step(row, state, &last[i % 7], &mean));
    }
    assert_true(fabs(mean - 0.25) < 1e-12);
    free(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_and_rows_are_whole),
        cmocka_unit_test(rows_are_found_by_every_name_in_any_case),
        cmocka_unit_test(parameters_are_found_and_checked),
        cmocka_unit_test(ind_golden),
        cmocka_unit_test(ind_golden_stochastics),
        cmocka_unit_test(ind_golden_candles),
        cmocka_unit_test(ind_flat),
        cmocka_unit_test(flat_after_wild_is_flat),
        cmocka_unit_test(ind_scale),
        cmocka_unit_test(a_mean_forgets_what_has_left),
        cmocka_unit_test(ind_long),
    };
    return cmocka_run_group_tests_name("indicator", tests, NULL, NULL);
}
