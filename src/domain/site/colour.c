#include <math.h>

#include "domain/site/site.h"

bool colour_read(str text, struct colour *ret)
{
    int parts[3];
    if (text.n != 7 || text.p[0] != '#') {
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        int high = hex_digit(text.p[1 + 2 * i]);
        int low = hex_digit(text.p[2 + 2 * i]);
        if (high < 0 || low < 0) {
            return false;
        }
        parts[i] = high * 16 + low;
    }
    *ret = (struct colour){parts[0] / 255.0, parts[1] / 255.0, parts[2] / 255.0};
    return true;
}

str colour_text(struct arena *arena, struct colour colour)
{
    return str_printf(arena, "#%02x%02x%02x", (unsigned)lround(colour.red * 255),
                      (unsigned)lround(colour.green * 255), (unsigned)lround(colour.blue * 255));
}

static double linear(double part)
{
    return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
}

static double luminance(struct colour colour)
{
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

double colour_contrast(struct colour a, struct colour b)
{
    double one = luminance(a) + 0.05;
    double other = luminance(b) + 0.05;
    return one > other ? one / other : other / one;
}

struct colour colour_mix(struct colour a, struct colour b, double share)
{
    return (struct colour){a.red + (b.red - a.red) * share, a.green + (b.green - a.green) * share,
                           a.blue + (b.blue - a.blue) * share};
}
