/* signal/sentiment.h - how a text sounds: the rule-based score of VADER, from a lexicon of rated words.
 *
 * Each word the lexicon has brings its rating; words before it raise, dampen or negate it, capitals among small letters and
 * exclamation marks raise it, what stands behind "but" counts more than what stands before. The sum s becomes
 * compound = s / sqrt(s^2 + 15), -1 to 1; pos, neg and neu are shares of the words, 0 to 1. A text without words is all 0.
 *
 * A lexicon is lines of "word<TAB>rating", anything behind a second tab is left out; an emoji list is lines of
 * "character<TAB>words for it". Both live in memory of the caller. Texts are UTF-8 as they come; only ASCII letters have a
 * case, bytes that are no UTF-8 are letters like others. At most TD_SENTIMENT_WORDS words count, of at most
 * TD_SENTIMENT_BYTES bytes: what is behind is left out and told by `cut`.
 *
 * Pure: no clock, no file, no allocation. Source: C.J. Hutto, E. Gilbert, "VADER: A Parsimonious Rule-based Model for
 * Sentiment Analysis of Social Media Text", 2014, and the behaviour of its reference program.
 */
#ifndef TD_SIGNAL_SENTIMENT_H
#define TD_SIGNAL_SENTIMENT_H

#include "base/arena.h"
#include "base/map.h"
#include "base/text.h"

#define TD_SENTIMENT_WORDS 1024
#define TD_SENTIMENT_BYTES 16384

struct td_lexicon_row {
    struct td_str word, words; /* words: of an emoji list */
    double rating;             /* of a lexicon */
};

/* Filled by td_lexicon_read; its texts are the file's, which stays. */
struct td_lexicon {
    struct td_map map;
    struct td_lexicon_row *rows;
    size_t count;
};

/* Bytes of an arena for a file of that many lines. */
size_t td_lexicon_bytes(size_t lines);
/* Reads a file whole. `ratings`: the second column is a number; else words. Of a word that stands twice the last counts.
 * TD_EPARSE names the line: no tab, no number. TD_ENOMEM: the arena is too small. */
TD_MUST_CHECK enum td_err td_lexicon_read(struct td_lexicon *l, struct td_str file, bool ratings,
                                          struct td_arena *arena, struct td_fail *why);
/* NULL: it is not there. `word` is in small letters. */
const struct td_lexicon_row *td_lexicon_find(const struct td_lexicon *l, struct td_str word);

struct td_sentiment {
    double neg, neu, pos, compound;
    uint32_t words; /* that were looked at */
    uint32_t rated; /* of them with a rating */
    bool cut;
};

/* Scratch of a scoring, any content. */
struct td_sentiment_work {
    char text[TD_SENTIMENT_BYTES], lower[TD_SENTIMENT_BYTES];
    struct td_str word[TD_SENTIMENT_WORDS],
        low[TD_SENTIMENT_WORDS]; /* as it stands; in small letters */
    double value[TD_SENTIMENT_WORDS];
    uint32_t count;
    bool mixed; /* some words, but not all, are in capitals */
};

/* `emoji` may be NULL. */
void td_sentiment_score(const struct td_lexicon *lexicon, const struct td_lexicon *emoji,
                        struct td_str text, struct td_sentiment_work *work,
                        struct td_sentiment *out);

#endif
