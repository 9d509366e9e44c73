#include "base/bug.h"
#include "platform/markup/markup_internal.h"

void markup_escape(struct buf *out, str text)
{
    for (size_t i = 0; i < text.n; i++) {
        switch (text.p[i]) {
        case '&':
            buf_add(out, S("&amp;"));
            break;
        case '<':
            buf_add(out, S("&lt;"));
            break;
        case '>':
            buf_add(out, S("&gt;"));
            break;
        case '"':
            buf_add(out, S("&quot;"));
            break;
        default:
            buf_add_char(out, text.p[i]);
        }
    }
}

static void add_name(struct markup_writer *writer, enum element_id id)
{
    if (element_is_one_of(id, HEADINGS)) {
        vec_add(&writer->scope->arena, &writer->headings, writer->out->n + 1);
    }
    buf_add(writer->out, elements[id].name);
}

void written_close(struct markup_writer *writer, size_t keep)
{
    struct buf *out = writer->out;
    while (writer->written_count > keep) {
        enum element_id id = writer->written[--writer->written_count].id;
        bool is_block = elements[id].role >= ROLE_PARAGRAPH && id != ELEMENT_PRE;
        while (is_block && out->n > writer->from && is_ascii_space(out->p[out->n - 1])) {
            out->n--;
        }
        buf_add(out, S("</"));
        add_name(writer, id);
        buf_add_char(out, '>');
        if (id == ELEMENT_TABLE && --writer->tables == 0) {
            buf_add(out, writer->behind_table);
        }
    }
}

void written_open(struct markup_writer *writer, const struct open_element *element)
{
    bug_if(writer->written_count == OPEN_ROOM);
    if (element->id == ELEMENT_TABLE && writer->tables++ == 0) {
        buf_add(writer->out, writer->before_table);
    }
    buf_add_char(writer->out, '<');
    add_name(writer, element->id);
    buf_add(writer->out, element->attributes);
    buf_add_char(writer->out, '>');
    writer->written[writer->written_count++] = *element;
}

bool written_is_open(const struct markup_writer *writer, uint32_t serial)
{
    for (size_t i = 0; i < writer->written_count; i++) {
        if (writer->written[i].serial == serial) {
            return true;
        }
    }
    return false;
}

void written_set_headings(struct markup_writer *writer, int top)
{
    bool is_used[7] = {false};
    int levels[7] = {0};
    for (size_t i = 0; i < writer->headings.count; i++) {
        is_used[writer->out->p[writer->headings.items[i]] - '0'] = true;
    }
    for (int level = 1, next = top; level <= 6; level++) {
        levels[level] = next;
        next += is_used[level] && next < 6;
    }
    for (size_t i = 0; i < writer->headings.count; i++) {
        char *digit = writer->out->p + writer->headings.items[i];
        *digit = (char)('0' + levels[*digit - '0']);
    }
}
