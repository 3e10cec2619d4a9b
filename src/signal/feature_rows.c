/* signal/feature_rows.c - the catalogue of features, and the sets that are built in. */
#include <string.h>

#include "signal/feature.h"

/* name, group, operation, inputs, parameters, output, the formula where the operation's own does not say it */
static const struct td_feature_row rows[] = {
    {"return_1", "return", "ROCP", "close", "timeperiod=1", NULL, NULL},
    {"return_3", "return", "ROCP", "close", "timeperiod=3", NULL, NULL},
    {"return_5", "return", "ROCP", "close", "timeperiod=5", NULL, NULL},
    {"return_10", "return", "ROCP", "close", "timeperiod=10", NULL, NULL},
    {"return_15", "return", "ROCP", "close", "timeperiod=15", NULL, NULL},
    {"return_20", "return", "ROCP", "close", "timeperiod=20", NULL, NULL},
    {"return_60", "return", "ROCP", "close", "timeperiod=60", NULL, NULL},
    {"log_return_1", "return", "LOG_RETURN", "close", "timeperiod=1", NULL, NULL},
    {"log_return_5", "return", "LOG_RETURN", "close", "timeperiod=5", NULL, NULL},
    {"log_return_15", "return", "LOG_RETURN", "close", "timeperiod=15", NULL, NULL},
    {"return_sq_1", "return", "SQUARE", "return_1", NULL, NULL, NULL},
    {"gap", "return", "GAP", "open close", NULL, NULL, NULL},
    {"body", "return", "BAR_BODY", "open close", NULL, NULL, NULL},
    {"bar_range", "range", "BAR_RANGE", "high low close", NULL, NULL, NULL},
    {"bar_place", "range", "BAR_PLACE", "high low close", NULL, NULL, NULL},
    {"upper_share", "range", "UPPER_SHARE", "open high low close", NULL, NULL, NULL},
    {"lower_share", "range", "LOWER_SHARE", "open high low close", NULL, NULL, NULL},
    {"true_range", "range", "TRANGE", "high low close", NULL, NULL, NULL},
    {"atr_7", "range", "ATR", "high low close", "timeperiod=7", NULL, NULL},
    {"atr_14", "range", "ATR", "high low close", "timeperiod=14", NULL, NULL},
    {"natr_14", "range", "NATR", "high low close", "timeperiod=14", NULL, NULL},
    {"donchian_high_20", "range", "DONCHIAN", "high low", "timeperiod=20", "upperband", NULL},
    {"donchian_low_20", "range", "DONCHIAN", "high low", "timeperiod=20", "lowerband", NULL},
    {"over_high_20", "range", "OVER", "close donchian_high_20", NULL, NULL,
     "close over the highest high of 20 bars, less 1"},
    {"over_low_20", "range", "OVER", "close donchian_low_20", NULL, NULL,
     "close over the lowest low of 20 bars, less 1"},
    {"width_20", "range", "OVER", "donchian_high_20 donchian_low_20", NULL, NULL,
     "highest high over lowest low of 20 bars, less 1"},
    {"high_before", "range", "LAG", "donchian_high_20", "timeperiod=1", NULL,
     "donchian_high_20 of the bar before"},
    {"rank_high_20", "range", "OVER", "close high_before", NULL, NULL,
     "close over the highest high of the 20 bars before, less 1"},
    {"vol_close_20", "volatility", "STDDEV", "log_return_1", "timeperiod=20", NULL,
     "population deviation of 20 log returns"},
    {"vol_close_60", "volatility", "STDDEV", "log_return_1", "timeperiod=60", NULL,
     "population deviation of 60 log returns"},
    {"vol_parkinson_20", "volatility", "PARKINSON", "high low", "timeperiod=20", NULL, NULL},
    {"vol_garman_klass_20", "volatility", "GARMAN_KLASS", "open high low close", "timeperiod=20",
     NULL, NULL},
    {"vol_rogers_satchell_20", "volatility", "ROGERS_SATCHELL", "open high low close",
     "timeperiod=20", NULL, NULL},
    {"vol_yang_zhang_20", "volatility", "YANG_ZHANG", "open high low close", "timeperiod=20", NULL,
     NULL},
    {"vol_ewma", "volatility", "EWMA_VOL", "close", NULL, NULL, NULL},
    {"vol_ratio", "volatility", "RATIO", "vol_close_20 vol_close_60", NULL, NULL,
     "vol_close_20 / vol_close_60; NaN when that is 0"},
    {"vol_rank", "volatility", "PERCENTRANK", "vol_close_20", "timeperiod=252", NULL,
     "percent of the 252 values of vol_close_20 before that are below this one"},
    {"skew_60", "volatility", "SKEW", "log_return_1", "timeperiod=60", NULL, NULL},
    {"kurt_60", "volatility", "KURT", "log_return_1", "timeperiod=60", NULL, NULL},
    {"sma_5", "trend", "SMA", "close", "timeperiod=5", NULL, NULL},
    {"sma_10", "trend", "SMA", "close", "timeperiod=10", NULL, NULL},
    {"sma_20", "trend", "SMA", "close", "timeperiod=20", NULL, NULL},
    {"sma_50", "trend", "SMA", "close", "timeperiod=50", NULL, NULL},
    {"sma_200", "trend", "SMA", "close", "timeperiod=200", NULL, NULL},
    {"ema_12", "trend", "EMA", "close", "timeperiod=12", NULL, NULL},
    {"ema_26", "trend", "EMA", "close", "timeperiod=26", NULL, NULL},
    {"tema_20", "trend", "TEMA", "close", "timeperiod=20", NULL, NULL},
    {"over_sma_20", "trend", "OVER", "close sma_20", NULL, NULL,
     "close over its mean of 20 bars, less 1"},
    {"over_sma_50", "trend", "OVER", "close sma_50", NULL, NULL,
     "close over its mean of 50 bars, less 1"},
    {"over_sma_200", "trend", "OVER", "close sma_200", NULL, NULL,
     "close over its mean of 200 bars, less 1"},
    {"sma_5_over_20", "trend", "OVER", "sma_5 sma_20", NULL, NULL,
     "mean of 5 bars over mean of 20, less 1"},
    {"slope_14", "trend", "LINEARREG_SLOPE", "close", "timeperiod=14", NULL, NULL},
    {"rel_slope_14", "trend", "RATIO", "slope_14 close", NULL, NULL, "slope_14 / close"},
    {"r2_14", "trend", "R2", "close", "timeperiod=14", NULL, NULL},
    {"bb_upper", "trend", "BBANDS", "close", "timeperiod=20 nbdevup=2 nbdevdn=2", "upperband",
     NULL},
    {"bb_middle", "trend", "BBANDS", "close", "timeperiod=20 nbdevup=2 nbdevdn=2", "middleband",
     NULL},
    {"bb_lower", "trend", "BBANDS", "close", "timeperiod=20 nbdevup=2 nbdevdn=2", "lowerband",
     NULL},
    {"bb_place", "trend", "PERCENTB", "close", "timeperiod=20 nbdev=2", NULL, NULL},
    {"bb_width", "trend", "BBW", "close", "timeperiod=20 nbdev=2", NULL, NULL},
    {"kc_upper", "trend", "KC", "high low close", "timeperiod=20 atrperiod=10 nbdev=2", "upperband",
     NULL},
    {"kc_middle", "trend", "KC", "high low close", "timeperiod=20 atrperiod=10 nbdev=2",
     "middleband", NULL},
    {"kc_lower", "trend", "KC", "high low close", "timeperiod=20 atrperiod=10 nbdev=2", "lowerband",
     NULL},
    {"tenkan", "trend", "ICHIMOKU", "high low", NULL, "tenkan", NULL},
    {"kijun", "trend", "ICHIMOKU", "high low", NULL, "kijun", NULL},
    {"adx_14", "trend", "ADX", "high low close", "timeperiod=14", NULL, NULL},
    {"plus_di_14", "trend", "PLUS_DI", "high low close", "timeperiod=14", NULL, NULL},
    {"minus_di_14", "trend", "MINUS_DI", "high low close", "timeperiod=14", NULL, NULL},
    {"aroon_up_25", "trend", "AROON", "high low", "timeperiod=25", "aroonup", NULL},
    {"aroon_down_25", "trend", "AROON", "high low", "timeperiod=25", "aroondown", NULL},
    {"aroon_25", "trend", "AROONOSC", "high low", "timeperiod=25", NULL, NULL},
    {"er_10", "trend", "ER", "close", "timeperiod=10", NULL, NULL},
    {"hurst", "trend", "HURST", "close", NULL, NULL, NULL},
    {"rsi_7", "momentum", "RSI", "close", "timeperiod=7", NULL, NULL},
    {"rsi_14", "momentum", "RSI", "close", "timeperiod=14", NULL, NULL},
    {"rsi_21", "momentum", "RSI", "close", "timeperiod=21", NULL, NULL},
    {"macd", "momentum", "MACD", "close", NULL, "macd", NULL},
    {"macd_signal", "momentum", "MACD", "close", NULL, "macdsignal", NULL},
    {"macd_hist", "momentum", "MACD", "close", NULL, "macdhist", NULL},
    {"stoch_k", "momentum", "STOCH", "high low close", "fastk_period=14", "slowk", NULL},
    {"stoch_d", "momentum", "STOCH", "high low close", "fastk_period=14", "slowd", NULL},
    {"willr_14", "momentum", "WILLR", "high low close", "timeperiod=14", NULL, NULL},
    {"cci_20", "momentum", "CCI", "high low close", "timeperiod=20", NULL, NULL},
    {"ultosc", "momentum", "ULTOSC", "high low close", NULL, NULL, NULL},
    {"roc_3", "momentum", "ROC", "close", "timeperiod=3", NULL, NULL},
    {"roc_10", "momentum", "ROC", "close", "timeperiod=10", NULL, NULL},
    {"roc_20", "momentum", "ROC", "close", "timeperiod=20", NULL, NULL},
    {"mom_10", "momentum", "MOM", "close", "timeperiod=10", NULL, NULL},
    {"zscore_20", "momentum", "ZSCORE", "close", "timeperiod=20", NULL, NULL},
    {"autocorr_30", "momentum", "AUTOCORR", "close", "timeperiod=30 lag=1", NULL, NULL},
    {"obv", "volume", "OBV", "close volume", NULL, NULL, NULL},
    {"vwap", "volume", "VWAP", "high low close volume", NULL, NULL,
     "running mean of (H+L+C)/3 by volume since the first bar"},
    {"over_vwap", "volume", "OVER", "close vwap", NULL, NULL, "close over vwap, less 1"},
    {"mfi_14", "volume", "MFI", "high low close volume", "timeperiod=14", NULL, NULL},
    {"cmf_20", "volume", "CMF", "high low close volume", "timeperiod=20", NULL, NULL},
    {"volume_sma_20", "volume", "SMA", "volume", "timeperiod=20", NULL, NULL},
    {"volume_ratio_20", "volume", "RATIO", "volume volume_sma_20", NULL, NULL,
     "volume over its mean of 20 bars, this one among them"},
    {"rvol_20", "volume", "RVOL", "volume", "timeperiod=20", NULL, NULL},
    {"volume_spike", "volume", "WITHIN", "rvol_20", "above=2 upto=1000000000", NULL,
     "1 when rvol_20 is above 2, else 0"},
    {"volume_change", "volume", "ROCP", "volume", "timeperiod=1", NULL, NULL},
    {"amihud_20", "volume", "AMIHUD", "close volume", "timeperiod=20", NULL, NULL},
    {"regime_bear_strong", "regime", "WITHIN", "aroon_25", "above=-1000 upto=-70", NULL,
     "1 when aroon_25 is not above -70, else 0"},
    {"regime_bear", "regime", "WITHIN", "aroon_25", "above=-70 upto=-40", NULL,
     "1 when aroon_25 is above -70 and not above -40, else 0"},
    {"regime_flat", "regime", "WITHIN", "aroon_25", "above=-40 upto=40", NULL,
     "1 when aroon_25 is above -40 and not above 40, else 0"},
    {"regime_bull", "regime", "WITHIN", "aroon_25", "above=40 upto=70", NULL,
     "1 when aroon_25 is above 40 and not above 70, else 0"},
    {"regime_bull_strong", "regime", "WITHIN", "aroon_25", "above=70 upto=1000", NULL,
     "1 when aroon_25 is above 70 and not above 100, else 0"},
    {"regime_vol_low", "regime", "WITHIN", "vol_rank", "above=-1 upto=20", NULL,
     "1 when the vol_rank is not above 20, else 0"},
    {"regime_vol_normal", "regime", "WITHIN", "vol_rank", "above=20 upto=40", NULL,
     "1 when the vol_rank is above 20 and not above 40, else 0"},
    {"regime_vol_high", "regime", "WITHIN", "vol_rank", "above=40 upto=75", NULL,
     "1 when the vol_rank is above 40 and not above 75, else 0"},
    {"regime_vol_extreme", "regime", "WITHIN", "vol_rank", "above=75 upto=100", NULL,
     "1 when the vol_rank is above 75, else 0"},
    {"regime_crash", "regime", "WITHIN", "return_5", "above=-1000000000 upto=-0.1", NULL,
     "1 when return_5 is not above -0.1, else 0"},
    {"regime_range", "regime", "WITHIN", "width_20", "above=-1 upto=0.05", NULL,
     "1 when width_20 is not above 0.05, else 0"},
    {"regime_breakout", "regime", "WITHIN", "rank_high_20", "above=0 upto=1000000000", NULL,
     "1 when close is above the highest high of the 20 bars before, else 0"},
    {"other_ratio", "cross", "RATIO", "close other", NULL, NULL, NULL},
    {"other_log_return_1", "cross", "LOG_RETURN", "other", "timeperiod=1", NULL, NULL},
    {"other_return_20", "cross", "ROCP", "other", "timeperiod=20", NULL, NULL},
    {"other_corr_60", "cross", "CORREL", "log_return_1 other_log_return_1", "timeperiod=60", NULL,
     "correlation of 60 log returns with the second series'"},
    {"other_beta_60", "cross", "BETA", "other close", "timeperiod=60", NULL,
     "slope of 60 returns on the second series' returns"},
    {"other_spread_z", "cross", "ZSCORE", "other_ratio", "timeperiod=60", NULL,
     "z-score of close/other over 60 bars"},
    {"relative_strength_20", "cross", "DIFFERENCE", "return_20 other_return_20", NULL, NULL,
     "return_20 less the second series' return of 20 bars"},
    {"hour", "calendar", "VALUE", "hour", NULL, NULL, NULL},
    {"minute", "calendar", "VALUE", "minute", NULL, NULL, NULL},
    {"weekday", "calendar", "VALUE", "weekday", NULL, NULL, NULL},
    {"from_open", "calendar", "VALUE", "from_open", NULL, NULL, NULL},
    {"to_close", "calendar", "VALUE", "to_close", NULL, NULL, NULL},
    {"minute_sin", "calendar", "SEASONAL", "from_open weekday", NULL, "minute_sin", NULL},
    {"minute_cos", "calendar", "SEASONAL", "from_open weekday", NULL, "minute_cos", NULL},
    {"news_count", "news", "VALUE", "news_count", NULL, NULL, NULL},
    {"news_score", "news", "VALUE", "news_score", NULL, NULL, NULL},
    {"depth", "book", "VALUE", "depth", NULL, NULL, NULL},
    {"mlofi_pc", "book", "PROJECTION", NULL, NULL, NULL,
     "order flow imbalance of five levels on their first principal component, learned from the "
     "rows of --fit"},
};

size_t td_feature_row_count(void)
{
    return TD_COUNT(rows) + TD_MICRO_COUNT;
}

struct td_feature_row td_feature_row_at(size_t i)
{
    TD_REQUIRE(i < td_feature_row_count());
    if (i < TD_COUNT(rows))
        return rows[i];
    const struct td_micro_row *m = &td_micro_rows[i - TD_COUNT(rows)];
    return (struct td_feature_row){
        .name = m->name, .group = "micro", .op = "VALUE", .inputs = m->name, .words = m->formula};
}

const struct td_feature_builtin td_feature_builtins[] = {
    {"omega47", 1, "indicators, returns, clock, news and book of a bar: 47",
     "rsi_14 macd macd_signal macd_hist sma_20 sma_50 bb_upper bb_middle bb_lower atr_14 stoch_k "
     "stoch_d cci_20 mfi_14 obv "
     "vwap willr_14 adx_14 plus_di_14 minus_di_14 aroon_up_25 aroon_down_25 aroon_25 tema_20 "
     "kc_upper kc_middle kc_lower "
     "tenkan kijun ultosc er_10 zscore_20 mom_10 roc_3 roc_10 roc_20 return_1 return_5 return_15 "
     "relative_strength_20 "
     "volume_spike hour minute weekday news_score spread imb_l1"},
    {"omega30", 1, "the same without second series and book: 30",
     "rsi_14 macd macd_signal macd_hist sma_20 sma_50 bb_upper bb_lower atr_14 stoch_k stoch_d "
     "cci_20 mfi_14 obv vwap "
     "willr_14 adx_14 plus_di_14 minus_di_14 er_10 zscore_20 roc_10 return_1 return_5 return_15 "
     "volume_spike hour minute "
     "weekday news_score"},
    {"bars", 1, "what prices and volume of one series tell, free of the price's own scale",
     "return_1 return_5 return_15 return_60 log_return_1 return_sq_1 gap body bar_range bar_place "
     "upper_share lower_share "
     "natr_14 over_high_20 over_low_20 width_20 vol_close_20 vol_close_60 vol_parkinson_20 "
     "vol_garman_klass_20 "
     "vol_rogers_satchell_20 vol_yang_zhang_20 vol_ratio vol_rank skew_60 kurt_60 over_sma_20 "
     "over_sma_50 sma_5_over_20 "
     "rel_slope_14 r2_14 bb_place bb_width adx_14 aroon_25 er_10 rsi_7 rsi_14 rsi_21 stoch_k "
     "stoch_d willr_14 cci_20 "
     "zscore_20 autocorr_30 mfi_14 cmf_20 volume_ratio_20 volume_spike regime_bear_strong "
     "regime_bear regime_flat "
     "regime_bull regime_bull_strong regime_vol_low regime_vol_normal regime_vol_high "
     "regime_vol_extreme regime_crash "
     "regime_range regime_breakout"},
    {"frames", 1, "the same few features on bars as given, of 5, 15 and 60 minutes and of the day",
     "return_1 rsi_14 over_sma_20 vol_close_20 return_1@5 rsi_14@5 over_sma_20@5 vol_close_20@5 "
     "return_1@15 rsi_14@15 "
     "over_sma_20@15 vol_close_20@15 return_1@60 rsi_14@60 over_sma_20@60 vol_close_20@60 "
     "return_1@1440 rsi_14@1440"},
    {"cross", 1, "against a second series, column `other`",
     "return_1 other_ratio other_corr_60 other_beta_60 other_spread_z relative_strength_20"},
    {"micro", 1, "book and trades, all rows of signal/micro.h", NULL},
    {0},
};
