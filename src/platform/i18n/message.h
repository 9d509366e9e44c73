/*
 * Messages: ICU MessageFormat texts of i18n/CODE.json, asked for by enum, so that a missing key
 * does not compile. tools/messages.mjs checks the files against en.json and makes messages.def.
 */
#ifndef PLATFORM_I18N_MESSAGE_H
#define PLATFORM_I18N_MESSAGE_H

#include "base/buf.h"
#include "base/clock.h"
#include "platform/i18n/locale.h"

enum message {
    MESSAGE_NONE = 0,
#define MESSAGE(name, key) MSG_##name,
#include "platform/i18n/messages.def" /* generated; sign_in.title becomes MSG_SIGN_IN_TITLE */
#undef MESSAGE
    MESSAGE__COUNT
};

#define MESSAGE_ARGUMENTS_MOST 8

enum argument_kind {
    ARGUMENT_TEXT,
    ARGUMENT_INT,
    ARGUMENT_DOUBLE,
    ARGUMENT_INSTANT,
    ARGUMENT_MESSAGE,    /* number: a message without arguments, in the language of the whole */
    ARGUMENT_EXPLANATION /* text: a stored explanation, said in the language of the whole; in explanations only */
};

struct message_argument {
    const char *name;
    enum argument_kind kind;
    str text;
    int64_t number;
    double real;
    usec instant; /* shown in UTC */
};

#define ARG_TEXT(n, v) ((struct message_argument){.name = (n), .kind = ARGUMENT_TEXT, .text = (v)})
#define ARG_INT(n, v) ((struct message_argument){.name = (n), .kind = ARGUMENT_INT, .number = (v)})
#define ARG_DOUBLE(n, v)                                                                           \
    ((struct message_argument){.name = (n), .kind = ARGUMENT_DOUBLE, .real = (v)})
#define ARG_MESSAGE(n, v)                                                                          \
    ((struct message_argument){.name = (n), .kind = ARGUMENT_MESSAGE, .number = (v)})
#define ARG_EXPLANATION(n, v)                                                                      \
    ((struct message_argument){.name = (n), .kind = ARGUMENT_EXPLANATION, .text = (v)})
#define ARG_INSTANT(n, v)                                                                          \
    ((struct message_argument){.name = (n), .kind = ARGUMENT_INSTANT, .instant = (v)})

/* What a message asks of an argument in some language. */
enum argument_need {
    NEED_ANY,
    NEED_NUMBER,  /* plural, selectordinal, number: ARGUMENT_INT or ARGUMENT_DOUBLE */
    NEED_INSTANT, /* date: ARGUMENT_INSTANT */
    NEED_TEXT     /* select: ARGUMENT_TEXT */
};

/**
 * Opens the formats of the offered languages. Before all others of this header that take arguments
 * or format; again does nothing. Aborts when ICU does not know a language: a build fault.
 */
void messages_start(void);

/**
 * The message in a language; plain text, not HTML. Arguments missing, of another name or of a kind
 * that the message cannot take are a bug of ours.
 */
str message_text(struct arena *arena, language lang, enum message message,
                 const struct message_argument *arguments, size_t count);

/** A message without arguments; static. MESSAGE_NONE is empty. */
str message_plain(language lang, enum message message);

/** The message of a key, or MESSAGE_NONE; for templates at start and keys in tables of data. */
enum message message_find(str key);

/** The key of a message, "" for MESSAGE_NONE. Static. */
const char *message_key(enum message message);

/** Names of a message's arguments, NULL-terminated. */
const char *const *message_argument_names(enum message message);

/** What the message asks of its argument at this place of message_argument_names. */
enum argument_need message_argument_need(enum message message, size_t at);

/** Appends what message_text gives. */
void message_add(struct buf *out, language lang, enum message message,
                 const struct message_argument *arguments, size_t count);

/* ---- formats of a language; results in the arena ---- */

str format_int(struct arena *arena, language lang, int64_t number);
/**
 * A value of data: thousands are set apart from 10,000 on, so that years stay years. decimals: exactly so
 * many, at most 12; -1: as many as it has. Not a number and infinity: a dash.
 */
str format_number(struct arena *arena, language lang, double number, int decimals);
/** The same for a whole number of any size. */
str format_whole(struct arena *arena, language lang, int64_t number);
/** For people: "3 million", "45 thousand"; below 10,000 exact. */
str format_compact(struct arena *arena, language lang, int64_t number);
/** "1.5 MB": of 1000 each, one decimal below 10. */
str format_bytes(struct arena *arena, language lang, int64_t bytes);
/** Seconds east of UTC in a zone at an instant. */
typedef int format_offset(const void *zone, usec instant);
/** The zone of instants from now on, for all threads; offset is always the same function, and zone lives on. NULL or never: UTC. */
void format_use_zone(format_offset *offset, const void *zone);
/** Medium date and short time in that zone, with the zone's offset behind them: "UTC", "UTC+1". */
str format_instant(struct arena *arena, language lang, usec instant);
/** Medium date of an instant in that zone. */
str format_instant_date(struct arena *arena, language lang, usec instant);
/** Medium date and short time of a local time given as if it were UTC. */
str format_local(struct arena *arena, language lang, usec local);
/** "August 2026". */
str format_month(struct arena *arena, language lang, usec local);
/** "August", of 1 to 12; "Monday", of 1 (Monday) to 7. */
str format_month_name(struct arena *arena, language lang, int month);
str format_weekday(struct arena *arena, language lang, int weekday);
/** Medium date of a local time. */
str format_date(struct arena *arena, language lang, usec local);
/**
 * A span in the largest unit that divides it: "14 days", "6 months" (30 days each), "1 year" (365
 * days), "1 hour". When that is too small to be read, 120 seconds, minutes or hours and more, it is
 * rounded up to the next unit.
 */
str format_duration(struct arena *arena, language lang, usec duration);

/** Name of a language by its code, "German" for "de"; the code where it has none. */
str format_language_name(struct arena *arena, language lang, str code);

/** Name of a country by its two letters, "Germany" for "DE"; the code where it has none. */
str format_country_name(struct arena *arena, language lang, str code);

/** Sorts texts as the language does: compares as strcmp. Any thread. */
int format_compare(language lang, str a, str b);

#endif
