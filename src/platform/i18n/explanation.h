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

#endif
