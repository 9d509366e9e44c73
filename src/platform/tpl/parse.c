/* Splits a template into literals and {{…}}, without the lines that hold nothing else. */
#include "platform/tpl/tpl_internal.h"

static bool is_key_char(char c)
{
    return (c >= 'a' && c <= 'z') || is_ascii_digit(c) || c == '_';
}

static bool is_name(str text, const char *more)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!is_key_char(text.p[i]) && (!text.p[i] || !strchr(more, text.p[i]))) {
            return false;
        }
    }
    return text.n > 0 && text.n <= TPL_NAME_MOST;
}

static const char *read_tag(str inside, struct token *token)
{
    char sign = inside.n ? inside.p[0] : ' ';
    token->text = str_trim(str_slice(inside, 1, inside.n));
    switch (sign) {
    case '!':
        token->kind = TOKEN_COMMENT;
        return NULL;
    case '#':
        token->kind = TOKEN_SECTION;
        break;
    case '^':
        token->kind = TOKEN_INVERTED;
        break;
    case '/':
        token->kind = TOKEN_CLOSE;
        break;
    case '>':
        token->kind = TOKEN_PART;
        return is_name(token->text, "/-") ? NULL : "the name of a template is a-z 0-9 _ - /";
    case '_':
        token->kind = TOKEN_MESSAGE;
        return is_name(token->text, ".") ? NULL : "the key of a message is a-z 0-9 _ .";
    default:
        token->kind = TOKEN_VALUE;
        token->text = str_trim(inside);
    }
    return is_name(token->text, "") ? NULL : "the name of a member is a-z 0-9 _";
}

/* Whether only blanks are around [from, to) on its line; then the line's bounds. */
static bool stands_alone(str text, size_t from, size_t to, size_t *ret_start, size_t *ret_end)
{
    while (from && (text.p[from - 1] == ' ' || text.p[from - 1] == '\t')) {
        from--;
    }
    while (to < text.n && (text.p[to] == ' ' || text.p[to] == '\t' || text.p[to] == '\r')) {
        to++;
    }
    if ((from && text.p[from - 1] != '\n') || (to < text.n && text.p[to] != '\n')) {
        return false;
    }
    *ret_start = from;
    *ret_end = to < text.n ? to + 1 : to;
    return true;
}

const char *reader_next(struct reader *reader, struct token *ret_token)
{
    str text = reader->text;
    size_t open = str_find(text, S("{{"), reader->at);
    size_t start = open == SIZE_MAX ? text.n : open;
    struct token tag = {.kind = TOKEN_END, .at = start};
    size_t next = text.n;
    if (open != SIZE_MAX) {
        size_t close = str_find(text, S("}}"), open + 2);
        ret_token->at = open;
        if (close == SIZE_MAX) {
            return "{{ without }}";
        }
        const char *fault = read_tag(str_slice(text, open + 2, close), &tag);
        if (fault) {
            return fault;
        }
        next = close + 2;
        size_t line_start;
        size_t line_end;
        if (tag.kind != TOKEN_VALUE && tag.kind != TOKEN_MESSAGE &&
            stands_alone(text, open, next, &line_start, &line_end)) {
            start = line_start < reader->at ? reader->at : line_start;
            next = line_end;
        }
    }
    if (start > reader->at) {
        *ret_token = (struct token){TOKEN_LITERAL, reader->at, str_slice(text, reader->at, start)};
        reader->at = start;
        return NULL;
    }
    reader->at = next;
    *ret_token = tag;
    return NULL;
}
