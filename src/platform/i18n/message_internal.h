/*
 * The shape of the tables that tools/messages.mjs makes. Messages are taken apart at build, because
 * the C API of ICU formats a list of arguments only when their types are known at compile time.
 */
#ifndef PLATFORM_I18N_MESSAGE_INTERNAL_H
#define PLATFORM_I18N_MESSAGE_INTERNAL_H

#include "platform/i18n/message.h"

enum part_kind {
    PART_TEXT,
    PART_ARGUMENT, /* as the value's kind is written in the language */
    PART_DATE,     /* an instant as a date */
    PART_SIGN,     /* # inside a plural: the number less the offset */
    PART_PLURAL,
    PART_ORDINAL,
    PART_SELECT
};

struct message_part;
struct message_case;

struct message_parts {
    const struct message_part *items;
    size_t count;
};

struct message_part {
    enum part_kind kind;
    int argument;
    int64_t offset;
    str text;
    const struct message_case *cases;
    size_t count;
};

struct message_case {
    bool is_exact; /* =N, compared before the classes */
    int64_t exact;
    str keyword;
    struct message_parts parts;
};

struct language_texts {
    const char *code;
    const struct message_parts *messages; /* by enum message */
};

struct message_signature {
    const char *names[MESSAGE_ARGUMENTS_MOST + 1]; /* NULL-terminated */
    enum argument_need needs[MESSAGE_ARGUMENTS_MOST];
    size_t count;
};

extern const struct language_texts language_texts[]; /* in order of code */
extern const int language_texts_count;
extern const struct message_signature message_signatures[MESSAGE__COUNT];

/** Opens the formats of all languages. */
void formats_start(void);

/** Appends a number as the language writes it. */
void format_add_int(struct buf *out, language lang, int64_t number);
void format_add_double(struct buf *out, language lang, double number);

/** CLDR class of a number ("one", "other" …), or of its ordinal; in out. */
str format_plural_class(language lang, bool is_ordinal, double number, char out[16]);

#endif
