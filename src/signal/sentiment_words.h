/* signal/sentiment_words.h - the closed word lists of the scorer: what raises, dampens and negates. For sentiment.c only. */
#ifndef TD_SIGNAL_SENTIMENT_WORDS_H
#define TD_SIGNAL_SENTIMENT_WORDS_H

#include "base/text.h"

/* By how much a word (or two of them with a blank) raises what follows, or lowers it; 0: it does neither. */
double td_sentiment_boost(struct td_str low);
/* "not", "never", ..., and every word with n't in it. */
bool td_sentiment_negates(struct td_str low);
/* Whether a few words are an idiom with a rating of its own. */
bool td_sentiment_idiom(struct td_str low, double *rating);

#endif
