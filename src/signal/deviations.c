/* signal/deviations.c - the table. */
#include "signal/deviations.h"

#include <string.h>

const struct td_deviation td_deviations[] = {
    {"TA-Lib", "MAVP", "MAVP", "simple means only; no matype"},
    {"TA-Lib", "KDJ", "KDJ", "K and D begin at 50 and have a value from bar n-1"},
    {"TA-Lib", "SMI", "SMI", "periods 13, 3, 3 and no signal line"},
    {"TA-Lib", "FRACTAL", NULL, "known only some bars later: no row"},
    {"TA-Lib", "WAD", "WAD", "has a 0 on bar 0"},
    {"Tulip", "ema", "EMA",
     "begins with the first value: seed=1; so dema, tema, apo, mass, cvi, which then agree"},
    {"Tulip", "trix", "TRIX", "divides the change by the newer mean; begins as seed=1"},
    {"Tulip", "zlema", "ZLEMA", "begins with the value lag-1"},
    {"Tulip", "emv", "EMV", "no mean: timeperiod=1"},
    {"Tulip", "mfi", "MFI", "takes a typical price that differs by a rounding as moved"},
    {"Tulip", "msw", "MSW", "a pi of eight digits"},
    {"Tulip", "natr", "NATR", "counts the height of bar 0 as a true range"},
    {"Tulip", "candle patterns", "CDLDOJI",
     "its own definitions of 26 patterns; ours are TA-Lib's"},
    {"Tulip", "atr", "ATR", "counts the height of bar 0 as a true range"},
    {"Tulip", "di", "DI", "sums true ranges from bar 0"},
    {"Tulip", "dm", "DM", "sums the first n movements before it decays; TA-Lib n-1"},
    {"Tulip", "dx", "DX", "sums from bar 0"},
    {"Tulip", "adx", "ADX", "sums from bar 0"},
    {"Tulip", "adxr", "ADXR", "sums from bar 0"},
    {"Tulip", "obv", "OBV", "begins at 0; TA-Lib with the first volume"},
    {"Tulip", "macd", "MACD",
     "12/26 has the historic factors 0.15 and 0.075, as MACDFIX with seed=1"},
    {"Tulip", "roc", "ROCP", "a fraction; TA-Lib's ROC is in percent"},
    {"Tulip", "cmo", "CMOU", "plain sums; TA-Lib's CMO has Wilder's means"},
    {"Tulip", "stochrsi", "STOCHRSI", "0 to 1 and no D"},
    {"Tulip", "kama", "KAMA", "begins one bar earlier"},
    {"Tulip", "cci", "CCI", "begins n-1 bars later, then the same values"},
    {"Tulip", "psar", "SAR", "chooses its first side by another rule, equal after it turned"},
    {"Tulip", "ppo", "PPO", "begins its means with the first value: seed=1"},
    {"Tulip", "rsi", "RSI", "NaN on flat input, as cci, willr, stoch, mfi; ours are 0"},
    {"Tulip", "ce", NULL, "chandelier exit is no row"},
    {"Tulip", "rmta", NULL, "recursive moving trend average is no row"},
    {"Tulip", "ikhts", "MIDPRICE", "one line of ICHIMOKU"},
    {"Stock.Indicators", "adxr", "ADXR", "takes the ADX n bars ago; TA-Lib n-1"},
    {"Stock.Indicators", "aroonUp", "AROON", "of equal highs the oldest; TA-Lib the newest"},
    {"Stock.Indicators", "chop", "CHOP", "takes the close before into the range"},
    {"Stock.Indicators", "donchian", "DONCHIAN", "leaves this bar out"},
    {"Stock.Indicators", "keltner", "KC",
     "its middle is of the close; TA-Lib's of the typical price"},
    {"Stock.Indicators", "obv", "OBV", "begins at 0; TA-Lib with the first volume"},
    {"Stock.Indicators", "ulcer", "ULCER", "falls from the highest since the window began"},
    {"LEAN", "spy_atr.txt", "ATR", "a simple mean of the true range"},
    {"LEAN", "spy_with_McGinleyDynamic.csv", "MCGD", "without the factor 0.6"},
    {"LEAN", "spy_with_keltner.csv", "KC", "simple means of price and true range"},
    {"LEAN", "spy_with_kst.csv", "KST", "other periods"},
    {"LEAN", "CDLHARAMI", "CDLHARAMI", "no 80 when one end is equal, as older TA-Lib"},
    {0},
};

const struct td_deviation *td_deviation_find(const char *library, const char *theirs)
{
    for (const struct td_deviation *d = td_deviations; d->library; d++)
        if (strcmp(d->library, library) == 0 && strcmp(d->theirs, theirs) == 0)
            return d;
    return NULL;
}
