/* signal/sentiment_words.c - word lists. Source: the published rules of VADER. */
#include "signal/sentiment_words.h"

#include <string.h>

#define RAISES 0.293
#define LOWERS (-0.293)

static bool among(struct td_str word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (td_str_is(word, list[i]))
            return true;
    return false;
}

double td_sentiment_boost(struct td_str low)
{
    static const char *const up[] = {
        "absolutely",   "amazingly",  "awfully",      "completely",    "considerable",
        "considerably", "decidedly",  "deeply",       "effing",        "enormous",
        "enormously",   "entirely",   "especially",   "exceptional",   "exceptionally",
        "extreme",      "extremely",  "fabulously",   "flipping",      "flippin",
        "frackin",      "fracking",   "fricking",     "frickin",       "frigging",
        "friggin",      "fully",      "fuckin",       "fucking",       "fuggin",
        "fugging",      "greatly",    "hella",        "highly",        "hugely",
        "incredible",   "incredibly", "intensely",    "major",         "majorly",
        "more",         "most",       "particularly", "purely",        "quite",
        "really",       "remarkably", "so",           "substantially", "thoroughly",
        "total",        "totally",    "tremendous",   "tremendously",  "uber",
        "unbelievably", "unusually",  "utter",        "utterly",       "very"};
    static const char *const down[] = {
        "almost",     "barely",       "hardly",  "just enough", "kind of",  "kinda",
        "kindof",     "kind-of",      "less",    "little",      "marginal", "marginally",
        "occasional", "occasionally", "partly",  "scarce",      "scarcely", "slight",
        "slightly",   "somewhat",     "sort of", "sorta",       "sortof",   "sort-of"};
    if (among(low, up, TD_COUNT(up)))
        return RAISES;
    return among(low, down, TD_COUNT(down)) ? LOWERS : 0;
}

bool td_sentiment_negates(struct td_str low)
{
    static const char *const words[] = {
        "aint",    "arent",   "cannot",   "cant",   "couldnt", "darent",  "didnt",   "doesnt",
        "dont",    "hadnt",   "hasnt",    "havent", "isnt",    "mightnt", "mustnt",  "neither",
        "neednt",  "never",   "none",     "nope",   "nor",     "not",     "nothing", "nowhere",
        "oughtnt", "shant",   "shouldnt", "uhuh",   "wasnt",   "werent",  "uh-uh",   "without",
        "wont",    "wouldnt", "rarely",   "seldom", "despite"};
    for (size_t i = 0; i + 3 <= low.len; i++)
        if (memcmp(low.p + i, "n't", 3) == 0)
            return true;
    return among(low, words, TD_COUNT(words));
}

bool td_sentiment_idiom(struct td_str low, double *rating)
{
    static const struct {
        const char *words;
        double rating;
    } rows[] = {{"the shit", 3},         {"the bomb", 3},   {"bad ass", 1.5},
                {"badass", 1.5},         {"bus stop", 0},   {"yeah right", -2},
                {"kiss of death", -1.5}, {"to die for", 3}, {"beating heart", 3.1},
                {"broken heart", -2.9}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (td_str_is(low, rows[i].words)) {
            *rating = rows[i].rating;
            return true;
        }
    return false;
}
