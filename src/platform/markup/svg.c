/* A list of what may be there, so that nothing that a later browser learns can do something. */
#include "platform/markup/svg.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

#define SVG_NAMESPACE "http://www.w3.org/2000/svg"
#define NODES_MOST 50000
#define DEPTH_MOST 100

static const char *const still_elements[] = {
    "svg",     "g",      "defs",   "symbol",   "use",     "title",    "desc",     "metadata",       "path",
    "rect",    "circle", "ellipse", "line",    "polyline", "polygon", "text",     "tspan",          "textPath",
    "linearGradient",    "radialGradient",     "stop",    "clipPath", "mask",     "pattern",        "marker",
    "filter",  "feGaussianBlur",   "feOffset", "feBlend", "feFlood",  "feComposite", "feMerge",     "feMergeNode",
    "feColorMatrix",     "style",  "view",     "switch"};

static const char *text_of(const xmlChar *text)
{
    return (const char *)text;
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Styles load by url() and @import; a backslash can hide either. url(#part) is of the picture itself. */
static bool style_is_still(const char *text)
{
    if (strpbrk(text, "\\@") || strcasestr(text, "expression") || strcasestr(text, "image-set") ||
        strcasestr(text, "javascript:")) {
        return false;
    }
    for (const char *at = strcasestr(text, "url("); at; at = strcasestr(at + 1, "url(")) {
        const char *to = at + 4;
        to += strspn(to, " \t\r\n\"'");
        if (*to != '#') {
            return false;
        }
    }
    return true;
}

static bool attribute_is_still(const xmlAttr *attribute)
{
    const char *name = text_of(attribute->name);
    xmlChar *value = xmlNodeListGetString(attribute->doc, attribute->children, 1);
    const char *text = value ? text_of(value) : "";
    bool is_link = strcasecmp(name, "href") == 0 || strcasecmp(name, "src") == 0 || strcasecmp(name, "base") == 0;
    bool is_still = strncasecmp(name, "on", 2) != 0 && style_is_still(text) && (!is_link || text[0] == '#');
    xmlFree(value);
    return is_still;
}

static bool node_is_still(const xmlNode *node)
{
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
        bool is_style = node->parent && node->parent->name && strcmp(text_of(node->parent->name), "style") == 0;
        return !is_style || !node->content || style_is_still(text_of(node->content));
    }
    if (node->type == XML_COMMENT_NODE) {
        return true;
    }
    /* Editors leave notes of their own in other namespaces; browsers show and do nothing with them. */
    bool is_svg = node->ns && strcmp(text_of(node->ns->href), SVG_NAMESPACE) == 0;
    bool is_foreign = node->ns && !is_svg && !strstr(text_of(node->ns->href), "xhtml") &&
                      !strstr(text_of(node->ns->href), "MathML");
    if (node->type != XML_ELEMENT_NODE ||
        (!is_foreign && !is_one_of(text_of(node->name), still_elements, ARRAY_LENGTH(still_elements)))) {
        return false;
    }
    for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next) {
        if (!attribute_is_still(attribute)) {
            return false;
        }
    }
    return true;
}

/* Without recursion: depth is bounded, and so is the number of nodes. */
static bool all_is_still(const xmlNode *root)
{
    const xmlNode *node = root;
    size_t count = 0;
    size_t depth = 0;
    while (node) {
        if (++count > NODES_MOST || depth > DEPTH_MOST || !node_is_still(node)) {
            return false;
        }
        if (node->type == XML_ELEMENT_NODE && node->children) {
            node = node->children;
            depth++;
            continue;
        }
        while (node != root && !node->next) {
            node = node->parent;
            depth--;
        }
        node = node == root ? NULL : node->next;
    }
    return true;
}

/* "0 0 120 40", or width and height in pixels or another unit. */
static void read_size(const xmlNode *root, double *width, double *height)
{
    xmlChar *box = xmlGetNoNsProp(root, (const xmlChar *)"viewBox");
    xmlChar *wide = xmlGetNoNsProp(root, (const xmlChar *)"width");
    xmlChar *high = xmlGetNoNsProp(root, (const xmlChar *)"height");
    double numbers[4] = {0};
    char *at = (char *)box;
    for (size_t i = 0; at && i < ARRAY_LENGTH(numbers); i++) {
        at += strspn(at, " ,\t\r\n");
        numbers[i] = strtod(at, &at);
    }
    *width = box ? numbers[2] : wide ? strtod(text_of(wide), NULL) : 0;
    *height = box ? numbers[3] : high ? strtod(text_of(high), NULL) : 0;
    xmlFree(box);
    xmlFree(wide);
    xmlFree(high);
}

static void be_silent(void *user, const char *message, ...)
{
    (void)user;
    (void)message;
}

bool svg_is_still(str bytes, double *ret_width, double *ret_height)
{
    *ret_width = 0;
    *ret_height = 0;
    if (bytes.n == 0 || bytes.n > INT32_MAX) {
        return false;
    }
    xmlParserCtxt *parser = xmlNewParserCtxt();
    if (!parser) {
        return false;
    }
    parser->sax->error = be_silent;
    parser->sax->warning = be_silent;
    xmlDoc *document = xmlCtxtReadMemory(parser, bytes.p, (int)bytes.n, NULL, NULL,
                                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    const xmlNode *root = document ? xmlDocGetRootElement(document) : NULL;
    bool is_still = root && !document->intSubset && root->type == XML_ELEMENT_NODE &&
                    strcmp(text_of(root->name), "svg") == 0 && root->ns &&
                    strcmp(text_of(root->ns->href), SVG_NAMESPACE) == 0;
    for (const xmlNode *node = document ? document->children : NULL; is_still && node; node = node->next) {
        is_still = node == root || node->type == XML_COMMENT_NODE;
    }
    is_still = is_still && all_is_still(root);
    if (is_still) {
        read_size(root, ret_width, ret_height);
    }
    xmlFreeDoc(document);
    xmlFreeParserCtxt(parser);
    return is_still;
}
