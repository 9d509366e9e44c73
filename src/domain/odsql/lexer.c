#include "domain/odsql/lexer.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

#define SHOWN_BYTES 500
#define QUERY_ERROR_BYTES 1016

enum err syntax_error(struct scope *scope, const struct clause *clause, const struct token *token)
{
    struct arena *arena = &scope->arena;
    str shown = utf8_truncate(clause->text, SHOWN_BYTES);
    struct explanation explanation = {.text = clause->text, .at = token->at, .length = token->text.n, .has_place = true};
    if (token->kind == TOKEN_END) {
        explanation.message = MSG_ODSQL_UNEXPECTED_END;
        explanation.at = clause->text.n;
        return fail_explained(scope, ERR_SYNTAX, &explanation, str_printf(
            arena, "ODSQL syntax exception: unexpected end of line in %.*s. Clause(s) containing the error(s): %s.",
            STR_ARG(shown), clause->name));
    }
    str text = utf8_truncate(token->text, 100);
    size_t position = utf8_length(str_slice(clause->text, 0, token->at));
    explanation.message = MSG_ODSQL_UNEXPECTED;
    explanation.arguments = SAYS(ARG_TEXT("token", text), argument_digits(arena, "position", (int64_t)position));
    return fail_explained(scope, ERR_SYNTAX, &explanation, str_printf(
        arena, "ODSQL syntax exception: unexpected %.*s at position %zu in %.*s. Clause(s) containing the error(s): %s.",
        STR_ARG(text), position, STR_ARG(shown), clause->name));
}

static bool is_part(str whole, str text)
{
    uintptr_t from = (uintptr_t)whole.p, at = (uintptr_t)text.p;
    return text.n > 0 && at >= from && at + text.n <= from + whole.n;
}

/* A row filter is nobody's to see. */
static void find_place(const struct clause *clause, struct explanation *explanation)
{
    const struct message_argument *argument = explanation->arguments;
    bool is_secret = strcmp(clause->name, "filter") == 0;
    for (; !is_secret && argument && argument->name && !explanation->has_place; argument++) {
        if (argument->kind == ARGUMENT_TEXT && is_part(clause->text, argument->text)) {
            explanation->text = clause->text;
            explanation->at = (size_t)(argument->text.p - clause->text.p);
            explanation->length = argument->text.n;
            explanation->has_place = true;
        }
    }
}

enum err query_error(struct scope *scope, const struct clause *clause, enum message message,
                     const struct message_argument *arguments)
{
    struct explanation explanation = {.message = message, .arguments = arguments};
    find_place(clause, &explanation);
    str text = explanation_text(&scope->arena, language_find(S("en")), &explanation);
    str shown = utf8_truncate(text, QUERY_ERROR_BYTES);
    return fail_explained(scope, ERR_QUERY, &explanation,
                          str_printf(&scope->arena,
                                     "ODSQL query is malformed: %.*s. Clause(s) containing the error(s): %s.",
                                     STR_ARG(shown), clause->name));
}

static bool is_name_start(char c)
{
    return is_ascii_letter(c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_name_part(char c)
{
    return is_name_start(c) || is_ascii_digit(c);
}

static char char_at(str text, size_t at)
{
    return at < text.n ? text.p[at] : 0;
}

/* Four hexadecimal digits, or false. */
static bool read_unit(str text, size_t at, uint32_t *ret_unit)
{
    *ret_unit = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_digit(char_at(text, at + i));
        if (digit < 0) {
            return false;
        }
        *ret_unit = *ret_unit * 16 + (uint32_t)digit;
    }
    return true;
}

/* \uXXXX at `at` (behind the u), or two that are a pair, as JSON has them; a lone half is U+FFFD. */
static size_t add_unicode(struct buf *out, str text, size_t at)
{
    uint32_t code;
    uint32_t low;
    if (!read_unit(text, at, &code)) {
        buf_add_char(out, 'u');
        return at;
    }
    at += 4;
    bool is_high = code >= 0xd800 && code < 0xdc00;
    if (is_high && char_at(text, at) == '\\' && char_at(text, at + 1) == 'u' &&
        read_unit(text, at + 2, &low) && low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
    } else if (code == 0 || (code >= 0xd800 && code < 0xe000)) {
        code = 0xfffd;
    }
    out->n += utf8_write(buf_reserve(out, 4), code);
    return at;
}

/* What a letter behind a backslash stands for: the vendor's clients write texts as JSON does. */
static char unescaped(char letter)
{
    static const char letters[] = "nrtbf";
    static const char meanings[] = "\n\r\t\b\f";
    const char *found = letter ? strchr(letters, letter) : NULL;
    return found ? meanings[found - letters] : letter;
}

/* A text in quotes at *at; the closing quote must be there. */
static bool read_quoted(struct scope *scope, str text, size_t *at, str *ret_value)
{
    char quote = text.p[*at];
    struct buf out = {0};
    size_t i = *at + 1;
    while (i < text.n && text.p[i] != quote) {
        if (text.p[i] == '\\' && i + 1 < text.n) {
            char escaped = text.p[++i];
            i++;
            if (quote == '`') {
                buf_add_char(&out, escaped);
            } else if (escaped == 'u') {
                i = add_unicode(&out, text, i);
            } else {
                buf_add_char(&out, unescaped(escaped));
            }
        } else {
            buf_add_char(&out, text.p[i++]);
        }
    }
    bool closed = i < text.n;
    *ret_value = buf_copy(&out, &scope->arena);
    buf_done(&out);
    *at = closed ? i + 1 : i;
    return closed;
}

static void read_number(str text, size_t *at, struct token *token)
{
    token->kind = TOKEN_INT;
    while (is_ascii_digit(char_at(text, *at))) {
        ++*at;
    }
    if (char_at(text, *at) == '.' && is_ascii_digit(char_at(text, *at + 1))) {
        token->kind = TOKEN_NUMBER;
        ++*at;
        while (is_ascii_digit(char_at(text, *at))) {
            ++*at;
        }
    }
    size_t exponent = *at + 1;
    exponent += char_at(text, exponent) == '-' || char_at(text, exponent) == '+';
    if (ascii_lower(char_at(text, *at)) == 'e' && is_ascii_digit(char_at(text, exponent))) {
        token->kind = TOKEN_NUMBER;
        while (is_ascii_digit(char_at(text, exponent))) {
            exponent++;
        }
        *at = exponent;
    }
}

/* template.name, where a hyphen may stand in the name behind the dot. */
static void read_name(str text, size_t *at)
{
    while (is_name_part(char_at(text, *at))) {
        ++*at;
    }
    if (char_at(text, *at) == '.' && is_name_part(char_at(text, *at + 1))) {
        ++*at;
        while (is_name_part(char_at(text, *at)) ||
               (char_at(text, *at) == '-' && is_name_part(char_at(text, *at + 1)))) {
            ++*at;
        }
    }
}

static size_t symbol_length(str text, size_t at)
{
    static const char *const pairs[] = {"!=", "<=", ">=", ".."};
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        if (str_starts(str_slice(text, at, text.n), str_from(pairs[i]))) {
            return 2;
        }
    }
    return strchr("()[],:=<>+-*/", text.p[at]) && text.p[at] ? 1 : 0;
}

enum err lexer_next(struct scope *scope, const struct clause *clause, size_t *at,
                    struct token *ret_token)
{
    str text = clause->text;
    while (*at < text.n && is_ascii_space(text.p[*at])) {
        ++*at;
    }
    struct token token = {.at = *at, .text = str_slice(text, *at, text.n)};
    if (*at == text.n) {
        *ret_token = token;
        return ERR_OK;
    }
    char c = text.p[*at];
    bool closed = true;
    if (c == '"' || c == '\'' || c == '`') {
        token.kind = c == '`' ? TOKEN_QUOTED : TOKEN_STRING;
        closed = read_quoted(scope, text, at, &token.value);
    } else if (is_ascii_digit(c)) {
        read_number(text, at, &token);
    } else if (is_name_start(c)) {
        token.kind = TOKEN_NAME;
        read_name(text, at);
        str name = str_slice(text, token.at, *at);
        bool quote_follows = char_at(text, *at) == '"' || char_at(text, *at) == '\'';
        if (quote_follows && (str_eq_nocase(name, S("date")) || str_eq_nocase(name, S("geom")))) {
            token.kind = name.p[0] == 'd' || name.p[0] == 'D' ? TOKEN_DATE : TOKEN_GEOMETRY;
            closed = read_quoted(scope, text, at, &token.value);
        }
    } else {
        size_t length = symbol_length(text, *at);
        token.kind = TOKEN_SYMBOL;
        if (length == 0) {
            size_t end = *at;
            utf8_next(text, &end);
            token.text = str_slice(text, token.at, end);
            return syntax_error(scope, clause, &token);
        }
        *at += length;
    }
    token.text = str_slice(text, token.at, *at);
    if (!closed) {
        struct token end = {.kind = TOKEN_END, .at = text.n};
        return syntax_error(scope, clause, &end);
    }
    *ret_token = token;
    return ERR_OK;
}
