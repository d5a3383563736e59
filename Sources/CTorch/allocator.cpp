// Memory of large tensors, kept for the next one of its size. A training step asks for the same sizes again and
// again; taken from the system each time, a tenth of the step goes into clearing pages.
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <sys/mman.h>

#include <bit>
#include <map>
#include <mutex>
#include <vector>

#include "guard.h"

namespace {

// Smaller blocks go to malloc, which is quick with them.
constexpr size_t least = size_t{256} << 10;
constexpr size_t page = size_t{2} << 20;
// What may lie unused; beyond it memory goes back to the system.
constexpr size_t most_unused = size_t{1} << 30;

// Sizes come in four steps to a doubling: at most a quarter of a block is wasted.
size_t stepped(size_t size) {
  size_t step = std::max<size_t>(std::bit_floor(size) / 4, 64 << 10);
  return (size + step - 1) / step * step;
}

class KeepingAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t size) override {
    if (size < least) {
      void *data = c10::alloc_cpu(size);
      return {data, data, &free_small, c10::DeviceType::CPU};
    }
    Block *block = take(stepped(size));
    return {block->data, block, &free_large, c10::DeviceType::CPU};
  }
  void copy_data(void *to, const void *from, size_t size) const override { std::memcpy(to, from, size); }

 private:
  struct Block {
    void *data;
    size_t size;
  };

  static void free_small(void *data) { c10::free_cpu(data); }
  static void free_large(void *context) { give(static_cast<Block *>(context)); }

  static std::mutex lock;
  static std::multimap<size_t, Block *> unused;
  static size_t unused_bytes;

  static Block *take(size_t size) {
    {
      std::lock_guard guard(lock);
      // A block up to a quarter too large will do.
      auto found = unused.lower_bound(size);
      if (found != unused.end() && found->first <= size + size / 4) {
        Block *block = found->second;
        unused.erase(found);
        unused_bytes -= block->size;
        return block;
      }
    }
    void *data = map(size);
    if (data == MAP_FAILED) {
      release_unused();
      data = map(size);
    }
    TORCH_CHECK_WITH(OutOfMemoryError, data != MAP_FAILED, "can't allocate memory: ", size, " bytes");
    return new Block{data, size};
  }
  static void *map(size_t size) {
    void *data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data != MAP_FAILED && size >= page) madvise(data, size, MADV_HUGEPAGE);
    return data;
  }
  static void give(Block *block) {
    std::lock_guard guard(lock);
    if (unused_bytes + block->size > most_unused) return drop(block);
    unused_bytes += block->size;
    unused.emplace(block->size, block);
  }
  static void drop(Block *block) {
    munmap(block->data, block->size);
    delete block;
  }
  static void release_unused() {
    std::lock_guard guard(lock);
    for (auto &entry : unused) drop(entry.second);
    unused.clear();
    unused_bytes = 0;
  }
};

std::mutex KeepingAllocator::lock;
std::multimap<size_t, KeepingAllocator::Block *> KeepingAllocator::unused;
size_t KeepingAllocator::unused_bytes = 0;

}  // namespace

extern "C" void ct_keep_memory(void) {
  static KeepingAllocator allocator;
  static const bool set = [] {
    c10::SetCPUAllocator(&allocator, 1);
    return true;
  }();
  (void)set;
}
