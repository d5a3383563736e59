import Service
import Testing

struct ServiceSettingsTests {
  @Test func `without a word it listens to this machine alone`() {
    #expect(ServiceSettings().host == "127.0.0.1")
  }
}
