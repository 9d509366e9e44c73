#include "platform/markup/markup_internal.h"

#define PIECES_BETWEEN_CHECKS 1024

/* ---- texts without tags ---- */

/* Bytes of the web address that begins at text.p[at]; what ends a sentence is not of it. 0: there is none. */
static size_t address_length(str text, size_t at)
{
    str rest = str_slice(text, at, text.n);
    if (!str_starts(rest, S("http://")) && !str_starts(rest, S("https://"))) {
        return 0;
    }
    size_t n = 0;
    int64_t brackets = 0; /* that were opened and not closed */
    while (n < rest.n && !is_ascii_space(rest.p[n]) && !strchr("<>\"", rest.p[n])) {
        brackets += rest.p[n] == '(' ? 1 : rest.p[n] == ')' ? -1 : 0;
        n++;
    }
    while (n > 0 && (strchr(".,;:!?'*]}", rest.p[n - 1]) || (rest.p[n - 1] == ')' && brackets < 0))) {
        brackets += rest.p[n - 1] == ')';
        n--;
    }
    return n;
}

static void add_line(struct builder *builder, str line)
{
    struct arena *arena = &builder->writer.scope->arena;
    size_t from = 0;
    for (size_t at = str_find(line, S("http"), 0); at != SIZE_MAX; at = str_find(line, S("http"), at)) {
        bool stands_alone = at == 0 || !is_ascii_letter(line.p[at - 1]);
        size_t n = stands_alone ? address_length(line, at) : 0;
        str shown = str_slice(line, at, at + n);
        str address;
        bool is_elsewhere;
        if (n && address_check(arena, shown, &address, &is_elsewhere)) {
            builder_text(builder, str_slice(line, from, at));
            builder_link(builder, attributes_of_link(arena, address, is_elsewhere), shown);
            from = at + n;
            at = from;
        } else {
            at += n ? n : 4;
        }
    }
    builder_text(builder, str_slice(line, from, line.n));
}

static void add_plain(struct builder *builder, str text)
{
    static const struct piece line_break = {.kind = PIECE_START, .id = ELEMENT_BR};
    static const struct piece paragraph = {.kind = PIECE_START, .id = ELEMENT_P};
    bool is_after_line = false;
    str line;
    builder_start(builder, &paragraph);
    while (text.p && str_split(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n == 0) {
            builder_start(builder, &paragraph);
        } else {
            if (is_after_line) {
                builder_start(builder, &line_break);
            }
            add_line(builder, line);
        }
        is_after_line = line.n > 0;
    }
}

/* ---- texts with tags ---- */

static enum err check_output(const struct builder *builder, const struct markup_options *options)
{
    return builder->writer.out->n - builder->writer.from <= options->most_output
               ? ERR_OK
               : fail(builder->writer.scope, ERR_TOO_LARGE, "The HTML is longer than %zu bytes.", options->most_output);
}

struct addition {
    struct builder *builder;
    const struct markup_options *options;
    size_t count;
    enum err result;
};

static enum err check(const struct addition *addition)
{
    TRY(check_output(addition->builder, addition->options));
    return addition->count % PIECES_BETWEEN_CHECKS == 0 ? scope_check(addition->builder->writer.scope) : ERR_OK;
}

static bool add_piece(void *user, const struct piece *piece)
{
    struct addition *addition = user;
    if (piece->kind == PIECE_TEXT) {
        builder_text(addition->builder, piece->text);
    } else if (piece->kind == PIECE_START) {
        builder_start(addition->builder, piece);
    } else {
        builder_stop(addition->builder, piece->id);
    }
    addition->count++;
    addition->result = check(addition);
    return addition->result == ERR_OK;
}

static bool add_plain_piece(void *user, const struct piece *piece)
{
    add_plain(user, piece->text);
    return true;
}

static enum err add_all(struct builder *builder, str html, const struct markup_options *options)
{
    struct arena *arena = &builder->writer.scope->arena;
    struct addition addition = {.builder = builder, .options = options};
    if (markup_is_plain(html)) {
        markup_read(arena, html, add_plain_piece, builder);
    } else {
        markup_read(arena, html, add_piece, &addition);
    }
    return addition.result;
}

enum err markup_sanitize(struct scope *scope, str html, const struct markup_options *options, struct buf *out)
{
    struct markup_options limits = options ? *options : (struct markup_options){0};
    limits.most_input = limits.most_input ? limits.most_input : MARKUP_INPUT_BYTES;
    limits.most_output = limits.most_output ? limits.most_output : MARKUP_OUTPUT_BYTES;
    limits.top_heading = limits.top_heading ? limits.top_heading : 1;
    if (limits.most_depth == 0 || limits.most_depth > MARKUP_DEPTH) {
        limits.most_depth = MARKUP_DEPTH;
    }
    if (html.n > limits.most_input) {
        return fail(scope, ERR_TOO_LARGE, "The HTML is longer than %zu bytes.", limits.most_input);
    }
    struct builder builder;
    builder_init(&builder, scope, limits.most_depth, out);
    builder.writer.before_table = limits.before_table;
    builder.writer.behind_table = limits.behind_table;
    enum err result = add_all(&builder, clean_text(&scope->arena, html), &limits);
    if (result == ERR_OK) {
        builder_finish(&builder);
        result = check_output(&builder, &limits);
    }
    if (result != ERR_OK) {
        out->n = builder.writer.from;
        return result;
    }
    written_set_headings(&builder.writer, limits.top_heading);
    return ERR_OK;
}
