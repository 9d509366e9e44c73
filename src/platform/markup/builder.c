/*
 * Elements that are open in the source are a stack; what is written follows it only when there is text to
 * show, so empty elements leave nothing behind. Of those on the stack blocks are written first, then inline
 * elements: whatever the order in the source, no paragraph ends up within a link or a bold word.
 */
#include "base/bug.h"
#include "platform/markup/markup_internal.h"

#define INLINES_MOST 16
#define NO_BREAK_SPACE S("\xC2\xA0")
#define LIST_BARRIERS (BIT(TABLE) | BIT(TD) | BIT(TH) | BIT(CAPTION) | BIT(BLOCKQUOTE) | BIT(FIGURE) | BIT(DETAILS))
#define END_BARRIERS (BIT(TABLE) | BIT(TD) | BIT(TH) | BIT(CAPTION))

void builder_init(struct builder *builder, struct scope *scope, size_t most_depth, struct buf *out)
{
    *builder = (struct builder){.writer = {.scope = scope, .out = out, .from = out->n},
                                .most_depth = most_depth,
                                .count = 1,
                                .serial = 1};
    builder->stack[0] = (struct open_element){.id = ELEMENT_DIV};
}

static bool is_inline(const struct open_element *element)
{
    return elements[element->id].role < ROLE_PARAGRAPH;
}

/* Whether it can stand within itself, however often. Others are as many as these let them be. */
static bool nests(enum element_id id)
{
    enum element_role role = elements[id].role;
    return role >= ROLE_WRAPPING && elements[id].parents == 0;
}

static bool takes_depth(const struct open_element *element)
{
    return nests(element->id) || (element->is_silent && !is_inline(element));
}

/* The place of the innermost block; 0: the whole. */
static size_t innermost(const struct builder *builder)
{
    size_t i = builder->count - 1;
    while (i > 0 && (is_inline(&builder->stack[i]) || builder->stack[i].is_silent)) {
        i--;
    }
    return i;
}

static enum element_role role_at(const struct builder *builder, size_t at)
{
    return elements[builder->stack[at].id].role;
}

/* ---- what is written catches up ---- */

static void catch_up(struct builder *builder, bool with_inlines)
{
    struct markup_writer *writer = &builder->writer;
    size_t depth = 0;
    for (int turn = 0; turn < 1 + with_inlines; turn++) {
        for (size_t i = 1; i < builder->count; i++) {
            const struct open_element *element = &builder->stack[i];
            if (element->is_silent || is_inline(element) != (turn == 1) || element->id == ELEMENT_DIV) {
                continue;
            }
            if (depth >= writer->written_count || writer->written[depth].serial != element->serial) {
                written_close(writer, depth);
                written_open(writer, element);
            }
            depth++;
        }
    }
    written_close(writer, depth);
}

/* ---- the stack ---- */

static void push(struct builder *builder, enum element_id id, bool is_silent, str attributes)
{
    bug_if(builder->count == OPEN_ROOM);
    struct open_element element = {
        .id = id, .serial = builder->serial++, .is_silent = is_silent, .attributes = attributes};
    builder->inlines += is_inline(&element);
    builder->depth += takes_depth(&element);
    builder->stack[builder->count++] = element;
}

static void push_implied(struct builder *builder, enum element_id id)
{
    push(builder, id, false, S(""));
    builder->stack[builder->count - 1].is_implied = true;
}

static void remove_at(struct builder *builder, size_t at)
{
    const struct open_element *element = &builder->stack[at];
    builder->inlines -= is_inline(element);
    builder->depth -= takes_depth(element);
    memmove(&builder->stack[at], &builder->stack[at + 1],
            (builder->count - at - 1) * sizeof(builder->stack[0]));
    builder->count--;
}

/* Cells without text are written all the same: those behind them must stay in their columns. */
static void pop_to(struct builder *builder, size_t keep)
{
    while (builder->count > keep) {
        const struct open_element *last = &builder->stack[builder->count - 1];
        bool is_cell = element_is_one_of(last->id, BIT(TD) | BIT(TH)) && !last->is_implied;
        if (is_cell && !written_is_open(&builder->writer, last->serial)) {
            catch_up(builder, false);
        }
        remove_at(builder, builder->count - 1);
    }
}

/* The place of the innermost open element of a set, below which none of the barriers is; 0: there is none. */
static size_t find_open(const struct builder *builder, uint64_t set, uint64_t barriers)
{
    for (size_t i = builder->count - 1; i > 0; i--) {
        const struct open_element *element = &builder->stack[i];
        if (element_is_one_of(element->id, set)) {
            return i;
        }
        if (element_is_one_of(element->id, barriers)) {
            return 0;
        }
    }
    return 0;
}

/* Opens parts until there is a place for blocks and text, or for a child of parents. */
static void imply_parts(struct builder *builder, uint64_t parents)
{
    size_t place = innermost(builder);
    while (role_at(builder, place) == ROLE_STRUCTURE && !element_is_one_of(builder->stack[place].id, parents)) {
        push_implied(builder, elements[builder->stack[place].id].child);
        place = builder->count - 1;
    }
}

/* ---- blocks ---- */

/* Ends what cannot hold the block; false: the block is no more than a blank there. */
static bool leave_text(struct builder *builder, enum element_id id)
{
    size_t place = innermost(builder);
    if (role_at(builder, place) == ROLE_PARAGRAPH) {
        remove_at(builder, place); /* inline elements within go on behind it */
    } else if (role_at(builder, place) == ROLE_HOLDER) {
        if (element_is_one_of(id, BIT(P) | BIT(DIV) | BIT(HR))) {
            builder->wants_blank = true;
            return false;
        }
        pop_to(builder, place);
    }
    return true;
}

static void start_block(struct builder *builder, enum element_id id, str attributes)
{
    const struct element *element = &elements[id];
    bool is_table_part = element_is_one_of(id, TABLE_PARTS);
    if (element->parents == 0) {
        if (!leave_text(builder, id)) {
            if (builder->depth < builder->most_depth) {
                push(builder, id, true, S(""));
            }
            return;
        }
        imply_parts(builder, 0);
        push(builder, id, false, attributes);
        return;
    }
    size_t place = find_open(builder, element->ancestors, is_table_part ? 0 : LIST_BARRIERS);
    if (place) {
        pop_to(builder, place + 1);
    } else if (is_table_part) {
        return; /* as browsers do */
    } else if (element_is_one_of(id, BIT(FIGCAPTION) | BIT(SUMMARY))) {
        start_block(builder, ELEMENT_DIV, S(""));
        return;
    } else {
        start_block(builder, id == ELEMENT_LI ? ELEMENT_UL : ELEMENT_DL, S(""));
    }
    imply_parts(builder, element->parents);
    push(builder, id, false, attributes);
}

static void add_rule(struct builder *builder)
{
    if (role_at(builder, innermost(builder)) != ROLE_STRUCTURE && leave_text(builder, ELEMENT_HR)) {
        catch_up(builder, false);
        buf_add(builder->writer.out, S("<hr>"));
    }
}

/* ---- text and inline elements ---- */

static bool is_blank(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        bool is_fixed = str_starts(str_slice(text, i, i + 2), NO_BREAK_SPACE);
        if (!is_fixed && !is_ascii_space(text.p[i])) {
            return false;
        }
        i += is_fixed;
    }
    return true;
}

/* Without what would not show at the start of a block. */
static str without_start(str text, bool is_pre)
{
    size_t at = 0;
    if (!is_pre && is_blank(text)) {
        return S("");
    }
    while (at < text.n && (is_pre ? text.p[at] == '\n' : is_ascii_space(text.p[at]))) {
        at++;
    }
    return str_slice(text, at, text.n);
}

void builder_text(struct builder *builder, str text)
{
    struct buf *out = builder->writer.out;
    enum element_role role = role_at(builder, innermost(builder));
    if (role == ROLE_STRUCTURE || role == ROLE_WRAPPING || role == ROLE_GROUP) {
        if (is_blank(text)) {
            return;
        }
        imply_parts(builder, 0);
        role = role_at(builder, innermost(builder));
        if (role == ROLE_WRAPPING || role == ROLE_GROUP) {
            push_implied(builder, ELEMENT_P);
        }
    }
    const struct open_element *place = &builder->stack[innermost(builder)];
    bool is_pre = place->id == ELEMENT_PRE;
    bool is_begun = written_is_open(&builder->writer, place->serial);
    if (!is_begun) {
        text = without_start(text, is_pre);
    }
    if (text.n == 0) {
        return;
    }
    bool wants_blank = builder->wants_blank && is_begun && !is_ascii_space(text.p[0]) &&
                       !is_ascii_space(out->p[out->n - 1]);
    builder->wants_blank = builder->wants_blank && is_blank(text);
    if (wants_blank) {
        catch_up(builder, false);
        buf_add_char(out, is_pre ? '\n' : ' ');
    }
    catch_up(builder, true);
    markup_escape(out, text);
}

static void add_break(struct builder *builder)
{
    const struct open_element *place = &builder->stack[innermost(builder)];
    enum element_role role = elements[place->id].role;
    bool holds_text = role == ROLE_PARAGRAPH || role == ROLE_HOLDER || role == ROLE_FLOW;
    if (holds_text && written_is_open(&builder->writer, place->serial)) {
        catch_up(builder, true);
        buf_add(builder->writer.out, S("<br>"));
    }
}

static void start_inline(struct builder *builder, enum element_id id, str attributes)
{
    bool is_said = elements[id].role == ROLE_ONCE && find_open(builder, UINT64_C(1) << id, 0);
    if (builder->inlines < INLINES_MOST) {
        push(builder, id, is_said, attributes);
    }
}

void builder_link(struct builder *builder, str attributes, str text)
{
    if (is_blank(text)) {
        return;
    }
    push(builder, ELEMENT_A, false, attributes);
    uint32_t serial = builder->stack[builder->count - 1].serial;
    builder_text(builder, text);
    for (size_t i = builder->count - 1; i > 0; i--) {
        if (builder->stack[i].serial == serial) {
            remove_at(builder, i);
            return;
        }
    }
}

/* The last part of its path, for images that say nothing about themselves. */
static str file_name(str address)
{
    size_t end = 0;
    size_t from = 0;
    for (; end < address.n && address.p[end] != '?' && address.p[end] != '#'; end++) {
        from = address.p[end] == '/' ? end + 1 : from;
    }
    return end > from ? str_slice(address, from, end) : address;
}

/* Images of strangers are not loaded: they would tell them who looks at the page. */
static void add_image(struct builder *builder, const struct piece *piece)
{
    struct arena *arena = &builder->writer.scope->arena;
    str text = attribute_value(arena, piece, ATTRIBUTE_ALT);
    str address;
    bool is_elsewhere;
    bool is_address = address_check(arena, attribute_value(arena, piece, ATTRIBUTE_SRC), &address, &is_elsewhere);
    if (!text.p && is_address) {
        text = file_name(address);
    }
    if (text.n == 0) {
        return; /* an ornament */
    }
    builder->wants_blank = true;
    if (is_address && !find_open(builder, BIT(A), 0)) {
        builder_link(builder, attributes_of_link(arena, address, is_elsewhere), text);
    } else {
        builder_text(builder, text);
    }
}

/* ---- tags ---- */

void builder_start(struct builder *builder, const struct piece *piece)
{
    struct arena *arena = &builder->writer.scope->arena;
    enum element_role role = elements[piece->id].role;
    if (role == ROLE_BREAK) {
        add_break(builder);
    } else if (role == ROLE_RULE) {
        add_rule(builder);
    } else if (role == ROLE_IMAGE) {
        add_image(builder, piece);
    } else if (role >= ROLE_PARAGRAPH) {
        if (!nests(piece->id) || builder->depth < builder->most_depth) {
            start_block(builder, piece->id, attributes_written(arena, piece));
        }
    } else {
        size_t open = piece->id == ELEMENT_A ? find_open(builder, BIT(A), 0) : 0;
        if (open) {
            remove_at(builder, open); /* no link is in another */
        }
        str attributes = attributes_written(arena, piece);
        if (attributes.p) {
            start_inline(builder, piece->id, attributes);
        }
    }
}

void builder_stop(struct builder *builder, enum element_id id)
{
    enum element_role role = elements[id].role;
    bool is_table_part = element_is_one_of(id, TABLE_PARTS);
    uint64_t set = element_is_one_of(id, HEADINGS) ? HEADINGS : UINT64_C(1) << id;
    if (role == ROLE_BREAK) {
        add_break(builder); /* as browsers do */
        return;
    }
    size_t open = find_open(builder, set, is_table_part ? BIT(TABLE) : END_BARRIERS);
    if (open == 0) {
        return;
    }
    if (role < ROLE_PARAGRAPH) {
        remove_at(builder, open);
        return;
    }
    builder->wants_blank |= builder->stack[open].is_silent;
    pop_to(builder, open);
}

void builder_finish(struct builder *builder)
{
    pop_to(builder, 1);
    written_close(&builder->writer, 0);
}
