/*
 * What is wrong, for people in their language: a message with its arguments, and the place in a text that
 * somebody typed. The text of a failure stays as it is, English for programs.
 */
#ifndef PLATFORM_I18N_EXPLANATION_H
#define PLATFORM_I18N_EXPLANATION_H

#include "base/scope.h"
#include "platform/i18n/message.h"

struct explanation {
    enum message message;
    const struct message_argument *arguments; /* the last one has no name; NULL: none */
    str text;                                 /* in which the fault is; p == NULL: in none */
    size_t at, length;                        /* its place there, in bytes; length 0: at the end, or unknown */
    bool has_place;
};

/* Arguments of an explanation. */
#define SAYS(...) ((const struct message_argument[]){__VA_ARGS__, {.name = NULL}})

/** An argument that shows a number by its digits alone, as programs write it. */
struct message_argument argument_digits(struct arena *arena, const char *name, int64_t number);

/** The message in a language. */
str explanation_text(struct arena *arena, language lang, const struct explanation *explanation);

/**
 * As fail(), with a text for programs and how people are told; what is given is copied. Only the first failure of a scope
 * is kept.
 */
enum err fail_explained(struct scope *scope, enum err code, const struct explanation *explanation, str text);

/** The same where the English message is the text for programs, too. arguments: SAYS(...) or NULL. */
enum err fail_in_words(struct scope *scope, enum err code, enum message message,
                       const struct message_argument *arguments);

/** The same of a parameter of the API: its value, and what is expected instead (a message without arguments). */
enum err fail_parameter(struct scope *scope, str name, str value, enum message expects);

/** As fail_in_words() with a cause for the log, as fail_with_cause(). */
enum err fail_in_words_because(struct scope *scope, enum err code, str cause, enum message message,
                               const struct message_argument *arguments);

/** As fail(), and people are told the message: for texts for programs that name options of the command line. */
enum err fail_and_tell(struct scope *scope, enum err code, enum message message,
                       const struct message_argument *arguments, const char *format, ...) printf_like(5, 6);

/** As fail_as(), with the explanation of what another scope recorded. */
enum err fail_again(struct scope *scope, enum err code, const struct failure *failure);

/* ---- for keeping: the message's key and its arguments, so that it is said in the language of who reads it ---- */

#define EXPLANATION_BYTES_MOST 8000

/** As JSON, without text and place; empty when it would be longer than EXPLANATION_BYTES_MOST. */
str explanation_store(struct arena *arena, const struct explanation *explanation);

/**
 * Reads what was stored, perhaps by another version of the program. False when nothing was, or its message is not
 * known here or asks for other arguments. All lives in the arena.
 */
bool explanation_load(struct arena *arena, str stored, struct explanation *ret_explanation);

/** What was stored in a language, or the text beside it where that cannot be said. */
str explanation_say(struct arena *arena, language lang, str stored, str text);

#endif
