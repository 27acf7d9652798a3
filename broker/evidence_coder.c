// SPDX-License-Identifier: Apache-2.0
#include "broker/evidence_coder.h"

enum { GROUP_BITS = 7, MORE = 0x80, VALUE_BITS = 64 };

bool coder_is_good(const struct coder *coder)
{
    return !coder->broken && !coder->exhausted;
}

void coder_insist(struct coder *coder, bool must_be)
{
    coder->broken = coder->broken || !must_be;
}

/* Small numbers of either sign become small numbers. */
static uint64_t zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)((value >> 1) ^ ((value & 1) != 0 ? UINT64_MAX : 0));
}

static void write_number(struct coder *coder, uint64_t value)
{
    do {
        uint8_t group = (uint8_t)(value & (MORE - 1));
        value >>= GROUP_BITS;
        if (coder->at == coder->size) {
            coder->broken = true;
            return;
        }
        coder->bytes[coder->at++] = (uint8_t)(group | (value != 0 ? MORE : 0));
    } while (value != 0);
}

static uint64_t read_number(struct coder *coder)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < VALUE_BITS; shift += GROUP_BITS) {
        if (coder->at == coder->size) {
            break;
        }
        uint8_t byte = coder->bytes[coder->at++];
        value |= (uint64_t)(byte & (MORE - 1)) << shift;
        if ((byte & MORE) == 0) {
            return value;
        }
    }
    coder->broken = true;
    return 0;
}

int64_t coder_pass(struct coder *coder, int64_t value)
{
    if (!coder_is_good(coder)) {
        return 0;
    }
    if (coder->writes) {
        uint64_t number = zigzag(value);
        if (number < MORE && coder->at < coder->size) {
            coder->bytes[coder->at++] = (uint8_t)number; /* as most are */
        } else {
            write_number(coder, number);
        }
        return value;
    }
    return unzigzag(read_number(coder));
}

int64_t coder_near(struct coder *coder, int64_t value, int64_t base)
{
    /* Unsigned: what is read may be anything. */
    int64_t apart = coder_pass(coder, (int64_t)((uint64_t)value - (uint64_t)base));

    return (int64_t)((uint64_t)base + (uint64_t)apart);
}

void *coder_list(struct coder *coder, size_t *count, size_t size)
{
    int64_t length = coder_pass(coder, (int64_t)*count);

    if (coder->writes) {
        return NULL;
    }
    /* Each element of any list takes a byte at least: nobody makes us take more memory
     * than that. */
    coder_insist(coder,
                 length >= 0 && (uint64_t)length <= coder->size - coder->promised);
    *count = coder_is_good(coder) ? (size_t)length : 0;
    coder->promised += *count;
    void *list = arena_array(coder->arena, *count, size);
    coder->exhausted = coder->exhausted || list == NULL;
    return list;
}
