import Testing

@testable import Transports

@Suite("Endpoint")
struct EndpointTests {
    @Test(
        "a host and a port are read",
        arguments: [
            ("127.0.0.1:7000", "127.0.0.1", 7000), ("[::1]:7000", "::1", 7000),
            ("hub.example:0", "hub.example", 0), ("localhost:65535", "localhost", 65535),
        ]
    )
    func reads(text: String, host: String, port: Int) throws {
        let endpoint = try Endpoint(text)

        #expect(endpoint == Endpoint(host: host, port: port))
        #expect("\(endpoint)" == text)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", ":", "host", "host:", ":7000", "::1:7000", "host:65536", "host:-1", "host:+1",
            "host:7 ", "[]:1", "[::1]", "host:000001", "hôst:٣",
        ]
    )
    func refuses(text: String) {
        #expect(throws: ChannelFault.self) { try Endpoint(text) }
    }
}
