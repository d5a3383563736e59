// Keys and values in the order that attention reads: panels over the tokens for the scores, panels over the head's
// elements for the sums of values. A token's place depends on its position alone, in blocks of 16 positions.
#pragma once
#include "panels.h"

namespace caches {

constexpr int64_t block = panels::width;

// What an attention layer is made of.
struct Heads {
  int64_t queries, keys, size;
  int64_t group() const { return queries / keys; }
  // A head's elements filled up to whole panels.
  int64_t padded() const { return panels::rounded(size); }
  int64_t columns() const { return (queries + 2 * keys) * size; }
};

// Keys and values of one head for `capacity` positions (a multiple of 16) from a position that is one too.
// Unused places must hold finite numbers: they are multiplied by zero.
template <class T>
struct Head {
  T *keys, *values;
  int64_t capacity;

  void put(int64_t place, const T *key, const T *value, const Heads &heads) const {
    constexpr int64_t s = panels::steps<T>;
    T *to = keys + place / block * block * heads.padded() + place % block * s;
    for (int64_t i = 0; i < heads.size; ++i) to[i / s * s * block + i % s] = key[i];
    T *at = values + place / s * s * block + place % s;
    for (int64_t i = 0; i < heads.size; ++i) at[i / block * capacity * block + i % block * s] = value[i];
  }
  // Scores of rows of queries: one column for each place.
  panels::Term<T> scores(const T *rows, const Heads &heads) const {
    return {rows, heads.size, keys, heads.padded() * block, heads.size};
  }
  // Sums of values, `count` places (a multiple of 16) weighted by rows of weights.
  panels::Term<T> sums(const T *weights, int64_t stride, int64_t count) const {
    return {weights, stride, values, capacity * block, count};
  }
};

// All heads of one layer, the keys' first; `at` says where each lies.
template <class T>
Head<T> head_at(T *layer, int64_t head, int64_t capacity, const Heads &heads) {
  int64_t area = capacity * heads.padded();
  return {layer + head * area, layer + (heads.keys + head) * area, capacity};
}

// Elements of one layer of a cache.
inline int64_t layer_size(int64_t capacity, const Heads &heads) { return 2 * heads.keys * capacity * heads.padded(); }

}  // namespace caches
