#include "platform/text/near.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "platform/text/fold.h"

int text_near_distance(str word)
{
    size_t length = utf8_length(word);
    return length < 3 ? 0 : length <= 5 ? 1 : 2;
}

static int read_letters(str word, uint32_t *ret_letters)
{
    int count = 0;
    word = utf8_truncate(word, TEXT_WORD_BYTES);
    for (size_t at = 0; at < word.n;) {
        ret_letters[count++] = utf8_next(word, &at);
    }
    return count;
}

static int least(int a, int b, int c)
{
    int least = a < b ? a : b;
    return least < c ? least : c;
}

/* Row by row of the table of distances between all beginnings; stops when a row has no way left. */
int text_distance(str a, str b, int most)
{
    uint32_t left[TEXT_WORD_BYTES];
    uint32_t right[TEXT_WORD_BYTES];
    int row[TEXT_WORD_BYTES + 1];
    int left_count = read_letters(a, left);
    int right_count = read_letters(b, right);
    if (abs(left_count - right_count) > most) {
        return most + 1;
    }
    for (int j = 0; j <= right_count; j++) {
        row[j] = j;
    }
    for (int i = 1; i <= left_count; i++) {
        int before = row[0]; /* of the row above, one to the left */
        int best = row[0] = i;
        for (int j = 1; j <= right_count; j++) {
            int above = row[j];
            int replaced = before + (left[i - 1] != right[j - 1]);
            row[j] = least(above + 1, row[j - 1] + 1, replaced);
            before = above;
            best = row[j] < best ? row[j] : best;
        }
        if (best > most) {
            return most + 1;
        }
    }
    return row[right_count] > most ? most + 1 : row[right_count];
}
