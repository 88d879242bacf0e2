/// A host and a port, as people write them.
///
/// ```swift
/// try Endpoint("[::1]:7000").host        // "::1"
/// try Endpoint("hub.example:7000").port  // 7000
/// ```
struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    let host: String
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT`; an IPv6 address stands in brackets.
    init(_ text: String) throws(ChannelFault) {
        guard let colon = text.lastIndex(of: ":") else { throw Self.fault(text) }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        let digits = text[text.index(after: colon)...]
        guard !host.isEmpty, host.utf8.count <= 253, isBracketed || !host.contains(":"),
            (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = UInt16(digits)
        else { throw Self.fault(text) }
        self.init(host: String(host), port: Int(port))
    }

    private static func fault(_ text: String) -> ChannelFault {
        ChannelFault(.address, "an address is HOST:PORT or [IPv6]:PORT, not '\(text)'")
    }

    var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
