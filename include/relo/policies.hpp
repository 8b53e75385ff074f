// Which of a loader's arguments is the policy for a role: by itself, or as a part of a set.
#pragma once

#include <relo/base/role.hpp>
#include <relo/module/module_index.hpp>
#include <relo/symbol/symbol.hpp>

#include <type_traits>
#include <utility>

namespace relo {

/// A policy that has static storage duration: as if given as an lvalue, but no pointer to it is
/// kept.
template <auto& Policy>
struct global {
  using role = typename std::remove_cvref_t<decltype(Policy)>::role;
  static constexpr auto& policy = Policy;
};

namespace detail {

/// A policy's role; void for what is none.
template <class T>
struct role_of : std::type_identity<void> {};
template <class T>
  requires requires { typename T::role; }
struct role_of<T> : std::type_identity<typename T::role> {};
template <class Role, class T>
inline constexpr bool plays = std::is_same_v<typename role_of<std::remove_cvref_t<T>>::type, Role>;

/// The first of the policies with that role, else Default.
template <class Role, class Default, class... Policies>
struct pick : std::type_identity<Default> {};
template <class Role, class Default, class First, class... Rest>
struct pick<Role, Default, First, Rest...>
    : std::conditional_t<plays<Role, First>, std::type_identity<First>,
                         pick<Role, Default, Rest...>> {};

/// Whether a policy is a set, and one of that role is in it.
template <class Role, class T>
concept offers = plays<role::policies, T> && requires(std::remove_reference_t<T>& set) {
  set.part(std::type_identity<Role>{});
};
/// As which type a loader holds that part of a set: a reference, unless the set is a temporary.
template <class Role, class Set>
struct part_of {
  using reference =
      decltype(std::declval<std::remove_reference_t<Set>&>().part(std::type_identity<Role>{}));
  using type = std::conditional_t<std::is_lvalue_reference_v<Set>, reference,
                                  std::remove_cvref_t<reference>>;
};
/// The first of the sets that has one of that role, else Default.
template <class Role, class Default, class... Policies>
struct pick_part : std::type_identity<Default> {};
template <class Role, class Default, class First, class... Rest>
struct pick_part<Role, Default, First, Rest...> : pick_part<Role, Default, Rest...> {};
template <class Role, class Default, class First, class... Rest>
  requires offers<Role, First>
struct pick_part<Role, Default, First, Rest...> : part_of<Role, First> {};

/// The message of a role that is given twice: the compiler says which.
template <class Role, std::size_t Given>
struct policies_of {
  static_assert(Given <= 1, "relo: two policies of one role, or two sets with one each");
  static constexpr bool at_most_one = Given <= 1;
};

/// What a loader has been given for a role, by itself or in a set.
template <class Role, class Default, class... Policies>
struct given : pick<Role, typename pick_part<Role, Default, Policies...>::type, Policies...> {
  static constexpr std::size_t alone = (std::size_t{0} + ... + plays<Role, Policies>);
  static constexpr std::size_t in_sets = (std::size_t{0} + ... + offers<Role, Policies>);
  static constexpr std::size_t count = alone != 0 ? alone : in_sets;
  static_assert(policies_of<Role, count>::at_most_one);
};

/// The policy that a loader's member stands for, and its type.
template <class Held>
struct policy_of : std::type_identity<std::remove_cvref_t<Held>> {};
template <auto& Policy>
struct policy_of<global<Policy>> : std::type_identity<std::remove_cvref_t<decltype(Policy)>> {};
template <class Held>
constexpr auto& policy(Held& held) noexcept {
  if constexpr (!std::is_same_v<typename policy_of<std::remove_const_t<Held>>::type,
                                std::remove_const_t<Held>>)
    return Held::policy;
  else return held;
}

/// The policy of that role among the arguments, else that of a set among them, else a new Default.
template <class Role, class Default>
constexpr Default choose_part() {
  return Default{};
}
template <class Role, class Default, class First, class... Rest>
constexpr decltype(auto) choose_part(First&& first, Rest&&... rest) {
  if constexpr (offers<Role, First>)
    return static_cast<typename part_of<Role, First>::type&&>(
        const_cast<std::remove_cvref_t<typename part_of<Role, First>::reference>&>(
            first.part(std::type_identity<Role>{})));
  else return choose_part<Role, Default>(static_cast<Rest&&>(rest)...);
}
template <class Role, class... Policies>
constexpr decltype(auto) choose_given(Policies&&... p) = delete;
template <class Role, class First, class... Rest>
constexpr decltype(auto) choose_given(First&& first, Rest&&... rest) {
  if constexpr (plays<Role, First>) return static_cast<First&&>(first);
  else return choose_given<Role>(static_cast<Rest&&>(rest)...);
}
template <class Role, class Default, class... Policies>
constexpr decltype(auto) choose(Policies&&... p) {
  if constexpr ((plays<Role, Policies> || ...))
    return choose_given<Role>(static_cast<Policies&&>(p)...);
  else return choose_part<Role, Default>(static_cast<Policies&&>(p)...);
}

/// Symbols that were given, and then those of a set.
template <class Given, class Part>
struct symbols_of_both {
  using role = role::symbols;
  [[no_unique_address]] Given given;
  [[no_unique_address]] Part part;

  template <class Name, class Symbol>
  constexpr bool find(const Name& name, bool gpl_ok, Symbol& out) const noexcept {
    return policy(given).find(name, gpl_ok, out) || part.find(name, gpl_ok, out);
  }
  template <class Request>
  constexpr void find_batch(std::span<Request> batch, bool gpl_ok) const noexcept {
    relo::find_batch(policy(given), batch, gpl_ok);
    relo::find_batch(part, batch, gpl_ok);
  }
};

/// The scratch policy that comes with a memory.
template <class Memory, class Default>
struct scratch_with : std::type_identity<Default> {};
template <class Memory, class Default>
  requires requires { typename Memory::scratch_by_default; }
struct scratch_with<Memory, Default> : std::type_identity<typename Memory::scratch_by_default> {};

/// The index policy that comes with a memory for more than a few modules.
template <class Memory, std::size_t Modules>
struct index_with : std::type_identity<no_index> {};
template <class Memory, std::size_t Modules>
  requires(Modules > 16) && requires { typename Memory::index_by_default; }
struct index_with<Memory, Modules> : std::type_identity<typename Memory::index_by_default> {};

}  // namespace detail

/// A set of policies that have no state.
template <class... Policies>
struct set_of {
  using role = relo::role::policies;
  static_assert((sizeof(detail::given<typename Policies::role, void, Policies...>) && ...));

  template <class Role>
    requires(detail::plays<Role, Policies> || ...)
  constexpr const auto& part(std::type_identity<Role>) const noexcept {
    return one<typename detail::pick<Role, void, Policies...>::type>;
  }

 private:
  template <class Policy>
  static constexpr Policy one{};
};

}  // namespace relo
