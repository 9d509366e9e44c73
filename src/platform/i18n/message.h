/*
 * Messages: ICU MessageFormat texts of i18n/CODE.json, asked for by enum, so that a missing key does
 * not compile. tools/messages.mjs checks the files against en.json and makes messages.def, which
 * names for each key its arguments in order.
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

enum argument_kind { ARGUMENT_TEXT, ARGUMENT_INT, ARGUMENT_DOUBLE, ARGUMENT_INSTANT };

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
#define ARG_INSTANT(n, v)                                                                          \
    ((struct message_argument){.name = (n), .kind = ARGUMENT_INSTANT, .instant = (v)})

/** Reads the embedded texts. Once, before all others. Aborts on a text that ICU refuses: a build fault. */
void messages_start(void);

/** The message in a language; plain text, not HTML. Arguments missing or of another name are a bug of ours. */
str message_text(struct arena *arena, language language, enum message message,
                 const struct message_argument *arguments, size_t count);

/** A message without arguments; static. */
str message_plain(language language, enum message message);

/** The message of a key, or MESSAGE_NONE; for templates at start and for keys kept in tables of data. */
enum message message_find(str key);

const char *message_key(enum message message);

/** Names of a message's arguments, NULL-terminated. */
const char *const *message_argument_names(enum message message);

/* ---- formats of a language; results in the arena ---- */

str format_int(struct arena *arena, language language, int64_t number);
/** Medium date and short time, in UTC with "UTC" behind it. */
str format_instant(struct arena *arena, language language, usec instant);
str format_date(struct arena *arena, language language, usec instant);
/** A span in the largest fitting unit: "14 days", "6 months" (30 days each), "1 hour". */
str format_duration(struct arena *arena, language language, usec duration);

#endif
