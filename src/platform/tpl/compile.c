/* Binds a template to its struct: names become offsets, places decide how values are written. */
#include "base/bug.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "platform/tpl/tpl_internal.h"

struct compiler {
    struct scope *scope;
    struct arena *arena; /* of the result */
    const struct tpl_source *sources;
    size_t source_count;
    VEC(struct node) nodes;
    struct html_place place;
    const struct tpl_struct *levels[TPL_LEVELS_MOST];
    int level_count;
    const struct tpl_source *including[TPL_DEPTH_MOST]; /* the page first */
    int including_count;
    int depth;
};

/* One file that is being read. */
struct input {
    const struct tpl_source *source;
    struct reader reader;
};

static enum err fault_at(struct compiler *compiler, const struct input *input, size_t at,
                         const char *what, str name)
{
    size_t line = 1;
    size_t line_start = 0;
    for (size_t i = 0; i < at && i < input->reader.text.n; i++) {
        if (input->reader.text.p[i] == '\n') {
            line++;
            line_start = i + 1;
        }
    }
    const char *page = compiler->including[0]->name;
    bool is_part = compiler->including_count > 1;
    return fail(compiler->scope, ERR_INTERNAL, "tpl/%s.html:%zu:%zu: %s%s%.*s%s%s%s",
                input->source->name, line, at - line_start + 1, what, name.n ? ": " : "",
                STR_ARG(name), is_part ? " (part of " : "", is_part ? page : "",
                is_part ? ")" : "");
}

static const struct tpl_source *find_source(const struct compiler *compiler, str name)
{
    for (size_t i = 0; i < compiler->source_count; i++) {
        if (str_eq(str_from(compiler->sources[i].name), name)) {
            return &compiler->sources[i];
        }
    }
    return NULL;
}

/* The innermost member of the name. */
static const struct tpl_member *find_member(const struct compiler *compiler, str name,
                                            struct member_place *ret_place)
{
    for (int level = compiler->level_count - 1; level >= 0; level--) {
        const struct tpl_struct *shape = compiler->levels[level];
        for (size_t i = 0; i < shape->count; i++) {
            const struct tpl_member *member = &shape->members[i];
            if (str_eq(str_from(member->name), name)) {
                *ret_place = (struct member_place){member->type, level, member->offset};
                return member;
            }
        }
    }
    return NULL;
}

static enum err add_node(struct compiler *compiler, const struct input *input, size_t at,
                         struct node node)
{
    if (compiler->nodes.count >= TPL_NODES_MOST) {
        return fault_at(compiler, input, at, "the page has too many parts", STR_NONE);
    }
    vec_add(&compiler->scope->arena, &compiler->nodes, node);
    return ERR_OK;
}

static enum err compile_literal(struct compiler *compiler, const struct input *input,
                                const struct token *token)
{
    size_t at = 0;
    const char *fault = place_feed(&compiler->place, token->text, &at);
    if (fault) {
        return fault_at(compiler, input, token->at + at, fault, STR_NONE);
    }
    return add_node(compiler, input, token->at,
                    (struct node){.kind = NODE_LITERAL, .literal = token->text});
}

static enum err compile_value(struct compiler *compiler, const struct input *input,
                              const struct token *token)
{
    struct node node = {.kind = NODE_VALUE};
    const struct tpl_member *member = find_member(compiler, token->text, &node.member);
    if (!member) {
        return fault_at(compiler, input, token->at, "no struct in scope has the member",
                        token->text);
    }
    const char *fault = place_value(&compiler->place, member->type, &node.escape);
    if (fault) {
        return fault_at(compiler, input, token->at, fault, token->text);
    }
    if (node.escape == ESCAPE_HTML && member->type == TPL_TYPE_URL) {
        node.escape = ESCAPE_URL; /* shown as text it is checked all the same */
    }
    return add_node(compiler, input, token->at, node);
}

static bool fits(enum argument_need need, enum tpl_type type)
{
    switch (type) {
    case TPL_TYPE_TEXT:
    case TPL_TYPE_URL:
        return need == NEED_ANY || need == NEED_TEXT;
    case TPL_TYPE_INT:
    case TPL_TYPE_NUMBER:
        return need == NEED_ANY || need == NEED_NUMBER;
    case TPL_TYPE_INSTANT:
        return need == NEED_ANY || need == NEED_INSTANT;
    case TPL_TYPE_MESSAGE:
        return need == NEED_ANY;
    default:
        return false;
    }
}

static enum err compile_message(struct compiler *compiler, const struct input *input,
                                const struct token *token)
{
    struct node node = {.kind = NODE_MESSAGE, .message = message_find(token->text)};
    if (node.message == MESSAGE_NONE) {
        return fault_at(compiler, input, token->at, "i18n/en.json does not have the message",
                        token->text);
    }
    const char *fault = place_value(&compiler->place, TPL_TYPE_MESSAGE, &node.escape);
    if (fault) {
        return fault_at(compiler, input, token->at, fault, token->text);
    }
    const char *const *names = message_argument_names(node.message);
    struct node_argument *arguments =
        arena_array(compiler->arena, struct node_argument, MESSAGE_ARGUMENTS_MOST);
    size_t count = 0;
    for (; names[count]; count++) {
        struct node_argument *argument = &arguments[count];
        argument->name = names[count];
        argument->need = message_argument_need(node.message, count);
        if (!find_member(compiler, str_from(names[count]), &argument->member)) {
            return fault_at(compiler, input, token->at,
                            "no struct in scope has the message's argument",
                            str_from(names[count]));
        }
        if (!fits(argument->need, argument->member.type)) {
            return fault_at(compiler, input, token->at,
                            "the member's type does not fit the message's argument",
                            str_from(names[count]));
        }
    }
    node.arguments = arguments;
    node.argument_count = count;
    return add_node(compiler, input, token->at, node);
}

static enum err compile_body(struct compiler *compiler, struct input *input,
                             const struct token *section);

static enum err compile_section(struct compiler *compiler, struct input *input,
                                const struct token *token)
{
    struct node node = {.kind = NODE_SECTION, .is_inverted = token->kind == TOKEN_INVERTED};
    const struct tpl_member *member = find_member(compiler, token->text, &node.member);
    if (!member) {
        return fault_at(compiler, input, token->at, "no struct in scope has the member",
                        token->text);
    }
    bool is_list = member->type == TPL_TYPE_LIST && !node.is_inverted;
    struct html_place before = compiler->place;
    const char *fault = place_section(&compiler->place, is_list);
    if (fault) {
        return fault_at(compiler, input, token->at, fault, token->text);
    }
    if ((is_list && compiler->level_count == TPL_LEVELS_MOST) ||
        ++compiler->depth > TPL_DEPTH_MOST) {
        return fault_at(compiler, input, token->at, "sections are nested too deep", token->text);
    }
    if (is_list) {
        node.level = compiler->level_count;
        node.item_size = member->items->size;
        compiler->levels[compiler->level_count++] = member->items;
    }
    size_t at = compiler->nodes.count;
    TRY(add_node(compiler, input, token->at, node));
    TRY(compile_body(compiler, input, token));
    compiler->nodes.items[at].end = compiler->nodes.count;
    compiler->level_count -= is_list;
    compiler->depth--;
    fault = place_section_end(&compiler->place, &before);
    return fault ? fault_at(compiler, input, token->at, fault, token->text) : ERR_OK;
}

static enum err compile_source(struct compiler *compiler, const struct tpl_source *source);

static enum err compile_part(struct compiler *compiler, const struct input *input,
                             const struct token *token)
{
    const struct tpl_source *source = find_source(compiler, token->text);
    const char *fault = place_part(&compiler->place);
    if (fault) {
        return fault_at(compiler, input, token->at, fault, token->text);
    }
    if (!source) {
        return fault_at(compiler, input, token->at, "there is no such template", token->text);
    }
    for (int i = 0; i < compiler->including_count; i++) {
        if (compiler->including[i] == source) {
            return fault_at(compiler, input, token->at, "the template is part of itself",
                            token->text);
        }
    }
    if (compiler->including_count == TPL_DEPTH_MOST) {
        return fault_at(compiler, input, token->at, "templates are nested too deep", token->text);
    }
    return compile_source(compiler, source);
}

/* Up to the end of the section, or of the file. */
static enum err compile_body(struct compiler *compiler, struct input *input,
                             const struct token *section)
{
    for (;;) {
        struct token token = {0};
        const char *fault = reader_next(&input->reader, &token);
        if (fault) {
            return fault_at(compiler, input, token.at, fault, STR_NONE);
        }
        switch (token.kind) {
        case TOKEN_END:
            return section ? fault_at(compiler, input, section->at, "the section does not end",
                                      section->text)
                           : ERR_OK;
        case TOKEN_LITERAL:
            TRY(compile_literal(compiler, input, &token));
            break;
        case TOKEN_COMMENT:
            break;
        case TOKEN_VALUE:
            TRY(compile_value(compiler, input, &token));
            break;
        case TOKEN_MESSAGE:
            TRY(compile_message(compiler, input, &token));
            break;
        case TOKEN_SECTION:
        case TOKEN_INVERTED:
            TRY(compile_section(compiler, input, &token));
            break;
        case TOKEN_CLOSE:
            if (!section || !str_eq(section->text, token.text)) {
                return fault_at(compiler, input, token.at, "no open section has this name",
                                token.text);
            }
            return ERR_OK;
        case TOKEN_PART:
            TRY(compile_part(compiler, input, &token));
            break;
        }
    }
}

static enum err compile_source(struct compiler *compiler, const struct tpl_source *source)
{
    struct input input = {source, {source->text, 0}};
    compiler->including[compiler->including_count++] = source;
    if (!utf8_is_valid(source->text)) {
        return fault_at(compiler, &input, 0, "the file is not UTF-8", STR_NONE);
    }
    TRY(compile_body(compiler, &input, NULL));
    if (place_part(&compiler->place)) {
        return fault_at(compiler, &input, source->text.n,
                        "the file ends inside a tag, comment or raw element", STR_NONE);
    }
    compiler->including_count--;
    return ERR_OK;
}

enum err page_compile(struct scope *scope, struct tpl *tpl, const struct tpl_source *sources,
                      size_t source_count, const struct tpl_binding *binding, struct page *ret_page)
{
    struct compiler compiler = {.scope = scope,
                                .arena = &tpl->arena,
                                .sources = sources,
                                .source_count = source_count,
                                .levels = {binding->shape},
                                .level_count = 1};
    const struct tpl_source *source = find_source(&compiler, str_from(binding->name));
    if (!source) {
        return fail(scope, ERR_INTERNAL, "tpl/%s.html: there is no such template", binding->name);
    }
    TRY(compile_source(&compiler, source));
    struct node *nodes = arena_array(&tpl->arena, struct node, compiler.nodes.count + 1);
    if (compiler.nodes.count) {
        memcpy(nodes, compiler.nodes.items, compiler.nodes.count * sizeof(*nodes));
    }
    *ret_page = (struct page){binding, nodes, compiler.nodes.count};
    return ERR_OK;
}
