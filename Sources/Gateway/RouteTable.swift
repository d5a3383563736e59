package import HTTPTypes
package import Hummingbird

/// Which paths there are and what may be done with each: for `Allow`, and for those who document them.
package struct RouteTable: Sendable {
  package struct Route: Sendable, Hashable, Comparable {
    /// With captures in braces, such as `/v1/files/{id}`.
    package let path: String
    package let method: String

    package static func < (one: Route, other: Route) -> Bool {
      (one.path, one.method) < (other.path, other.method)
    }
  }

  package let routes: [Route]
  private let paths: [(path: RouterPath, methods: [HTTPRequest.Method])]

  package init(_ router: Router<APIContext>) {
    var methods: [String: (RouterPath, [HTTPRequest.Method])] = [:]
    for route in router.routes {
      methods[route.path.description, default: (route.path, [])].1.append(route.method)
    }
    paths = methods.sorted { $0.key < $1.key }.map { ($0.value.0, $0.value.1) }
    routes = router.routes.map { Route(path: $0.path.description, method: $0.method.rawValue) }.sorted()
  }

  /// What may be done with a path; empty for one that is not there.
  package func methods(of path: String) -> [HTTPRequest.Method] {
    let components = path.split(separator: "/")
    var found: [HTTPRequest.Method] = []
    for (pattern, methods) in paths where Self.matches(pattern, components) { found += methods }
    if found.contains(.get), !found.contains(.head) { found.append(.head) }
    return found
  }

  private static func matches(_ pattern: RouterPath, _ components: [Substring]) -> Bool {
    let elements = Array(pattern)
    // What follows `**` matches from the end.
    if let wild = elements.firstIndex(where: { $0.description == "**" }) {
      let behind = elements.count - wild - 1
      guard components.count >= elements.count else { return false }
      return zip(elements[..<wild], components).allSatisfy { $0 ~= $1 }
        && zip(elements.suffix(behind), components.suffix(behind)).allSatisfy { $0 ~= $1 }
    }
    return elements.count == components.count && zip(elements, components).allSatisfy { $0 ~= $1 }
  }
}
