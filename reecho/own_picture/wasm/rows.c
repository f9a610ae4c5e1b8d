// What takes the time of a network in a page, four numbers at a time: a row of a convolution, ReLU, a sum.
// build.sh makes rows.wasm of it; templates/arithmetic.js has the same in plain JavaScript.

#include <wasm_simd128.h>

enum { BLOCK = 8 };  // channels of the result that are computed together; `packed` in arithmetic.js lays the weights out so

static inline v128_t plus_product(v128_t sum, v128_t a, v128_t b) { return wasm_f32x4_add(sum, wasm_f32x4_mul(a, b)); }

static inline void store(float *to, v128_t low, v128_t high, int count) {
  if (count >= BLOCK) {
    wasm_v128_store(to, low);
    wasm_v128_store(to + 4, high);
    return;
  }
  float values[BLOCK];
  wasm_v128_store(values, low);
  wasm_v128_store(values + 4, high);
  for (int n = 0; n < count; n++) to[n] = values[n];
}

// One row of the result. `rows`: `high` addresses, each of the first number under the kernel in that row; `length`: numbers under
// a row of the kernel; `step`: from a pixel of the result to the next, in numbers of the row; `weights`: blocks of 8 channels, in
// each all places under the kernel; `bias`: as many as there are channels in whole blocks.
void convolve(float *const *rows, int high, int length, int step, const float *weights, const float *bias, float *out, int columns,
              int channels) {
  for (int first = 0; first < channels; first += BLOCK, weights += high * length * BLOCK, bias += BLOCK) {
    const v128_t low = wasm_v128_load(bias), up = wasm_v128_load(bias + 4);
    const int count = channels - first;
    int x = 0;
    for (; x + 4 <= columns; x += 4) {
      v128_t a0 = low, a1 = up, b0 = low, b1 = up, c0 = low, c1 = up, d0 = low, d1 = up;
      const float *w = weights;
      for (int i = 0; i < high; i++) {
        const float *a = rows[i] + x * step, *b = a + step, *c = b + step, *d = c + step;
        for (int n = 0; n < length; n++, w += BLOCK) {
          const v128_t w0 = wasm_v128_load(w), w1 = wasm_v128_load(w + 4);
          v128_t value = wasm_v128_load32_splat(a + n);
          a0 = plus_product(a0, value, w0), a1 = plus_product(a1, value, w1);
          value = wasm_v128_load32_splat(b + n);
          b0 = plus_product(b0, value, w0), b1 = plus_product(b1, value, w1);
          value = wasm_v128_load32_splat(c + n);
          c0 = plus_product(c0, value, w0), c1 = plus_product(c1, value, w1);
          value = wasm_v128_load32_splat(d + n);
          d0 = plus_product(d0, value, w0), d1 = plus_product(d1, value, w1);
        }
      }
      float *to = out + x * channels + first;
      store(to, a0, a1, count);
      store(to + channels, b0, b1, count);
      store(to + 2 * channels, c0, c1, count);
      store(to + 3 * channels, d0, d1, count);
    }
    for (; x < columns; x++) {
      v128_t sum0 = low, sum1 = up;
      const float *w = weights;
      for (int i = 0; i < high; i++) {
        const float *a = rows[i] + x * step;
        for (int n = 0; n < length; n++, w += BLOCK) {
          const v128_t value = wasm_v128_load32_splat(a + n);
          sum0 = plus_product(sum0, value, wasm_v128_load(w)), sum1 = plus_product(sum1, value, wasm_v128_load(w + 4));
        }
      }
      store(out + x * channels + first, sum0, sum1, count);
    }
  }
}

void relu(const float *of, float *out, int count) {
  const v128_t zero = wasm_f32x4_const(0, 0, 0, 0);
  int n = 0;
  for (; n + 4 <= count; n += 4) wasm_v128_store(out + n, wasm_f32x4_pmax(zero, wasm_v128_load(of + n)));
  for (; n < count; n++) out[n] = of[n] > 0 ? of[n] : 0;
}

void add(const float *a, const float *b, float *out, int count) {
  int n = 0;
  for (; n + 4 <= count; n += 4) wasm_v128_store(out + n, wasm_f32x4_add(wasm_v128_load(a + n), wasm_v128_load(b + n)));
  for (; n < count; n++) out[n] = a[n] + b[n];
}
