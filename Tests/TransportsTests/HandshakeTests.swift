import CRDT
import Identity
import Testing
import Wire

@testable import Transports

/// TCP-1, TCP-2, TCP-4 and TCP-6 without a network.
@Suite("Channel handshake")
struct HandshakeTests {
    private let tenant: Tenant
    private let hub: LocalIdentity
    private let station: LocalIdentity

    init() throws {
        tenant = try Tenant()
        hub = try tenant.device(1)
        station = try tenant.device(2)
    }

    private func initiator(_ identity: LocalIdentity? = nil) throws -> InitiatorHandshake {
        InitiatorHandshake(.session(identity ?? station), ephemeral: try Chance(11).key())
    }

    private func responder(_ identity: LocalIdentity? = nil) throws -> ResponderHandshake {
        ResponderHandshake(
            tenants: [ServedTenant(identity ?? hub)],
            ephemeral: try Chance(12).key(),
            spareKey: Chance(13).bytes(32)
        )
    }

    /// Everything that a good initiator and a good responder say.
    private func transcript() throws -> (initiator: [UInt8], responder: [UInt8]) {
        var initiator = try initiator()
        var responder = try responder()
        let answer = try responder.take(initiator.opening)
        let first = try initiator.take(answer.output)
        let second = try responder.take(first.output)
        let third = try initiator.take(second.output)
        #expect(try responder.take(third.output).opened != nil)
        return (
            initiator.opening + first.output + third.output, answer.output + second.output
        )
    }

    private func fault<Side: HandshakeSide>(
        _ side: Side,
        _ bytes: [UInt8]
    ) -> ChannelFault.Code? {
        var side = side
        return #expect(throws: ChannelFault.self) { try side.take(bytes) }?.code
    }

    @Test("the preamble has 16 bytes, and the prologue 33")
    func preamble() throws {
        let preamble = Preamble(.xx, tenant: tenant.id)

        #expect(preamble.encoded.count == 16)
        #expect(Array(preamble.encoded.prefix(8)) == Array("gemba".utf8) + [1, 1, 1])
        #expect(Array(preamble.encoded.suffix(8)) == ID.realm(of: tenant.id))
        #expect(try Preamble(decoding: preamble.encoded) == preamble)
        let prologue = preamble.prologue(answer: 1, tenant: tenant.id)
        #expect(prologue == preamble.encoded + [1] + tenant.id.bytes)
    }

    @Test("bytes may come one by one, or with frames already behind them")
    func anyCut() throws {
        let (said, heard) = try transcript()
        var responder = try responder()
        var initiator = try initiator()

        let answered = try said.map { try responder.take([$0]) }
        let spoken = try (heard + [7, 7]).map { try initiator.take([$0]) }
        var second = try self.responder()
        let atOnce = try second.take(said + [7, 7])

        #expect(answered.flatMap(\.output) == heard)
        #expect(answered.compactMap(\.opened).count == 1)
        #expect(spoken.compactMap(\.opened).count == 1)
        #expect(atOnce.opened?.rest == [7, 7])
        #expect(atOnce.opened?.hash == spoken.compactMap(\.opened).first?.hash)
    }

    @Test("a handshake that ends at any byte opens nothing, on either side")
    func truncated() throws {
        let (said, heard) = try transcript()

        for count in 0..<said.count {
            var responder = try responder()
            #expect(try responder.take(Array(said.prefix(count))).opened == nil)
        }
        for count in 0..<heard.count {
            var initiator = try initiator()
            #expect(try initiator.take(Array(heard.prefix(count))).opened == nil)
            #expect(initiator.faultAtEnd.code == (count == 0 ? .refused : .closed))
        }
    }

    @Test("a bit changed anywhere opens nothing, on either side")
    func mutated() throws {
        let (said, heard) = try transcript()

        for index in said.indices {
            var bytes = said
            bytes[index] ^= 1 << UInt8(index % 8)
            var responder = try responder()
            #expect((try? responder.take(bytes))?.opened == nil)
        }
        for index in heard.indices {
            var bytes = heard
            bytes[index] ^= 1 << UInt8(index % 8)
            var initiator = try initiator()
            #expect((try? initiator.take(bytes))?.opened == nil)
        }
    }

    @Test("a stranger's bytes are known at the first that is wrong")
    func garbage() throws {
        #expect(fault(try responder(), Array("G".utf8)) == .notGemba)
        #expect(fault(try responder(), Array("gembA".utf8)) == .notGemba)
        for seed in 0..<200 {
            let bytes = Chance(UInt64(seed)).bytes(64)
            #expect(fault(try responder(), bytes) == .notGemba)
            #expect(fault(try initiator(), [0] + bytes) == .notGemba)
        }
    }

    @Test("an offer that is not served gets no answer")
    func offers() throws {
        let good = Preamble(.xx, tenant: tenant.id).encoded
        func changed(_ index: Int, _ values: [UInt8]) -> [UInt8] {
            var bytes = good
            bytes.replaceSubrange(index..<index + values.count, with: values)
            return bytes
        }

        for versions: [UInt8] in [[2, 3], [0, 0], [2, 1], [2, 255]] {
            #expect(fault(try responder(), changed(5, versions)) == .version)
        }
        for pattern: UInt8 in [0, 3, 4, 255] {
            #expect(fault(try responder(), changed(7, [pattern])) == .pattern)
        }
        #expect(fault(try responder(), changed(8, [good[8] ^ 1])) == .wrongTenant)
        var tolerant = try responder()
        #expect(try tolerant.take(changed(5, [0, 9])).output == [1])
    }

    @Test("a first message above 64 bytes is not waited for")
    func longFirstMessage() throws {
        let bytes = Preamble(.xx, tenant: tenant.id).encoded + [0, 65]

        #expect(fault(try responder(), bytes) == .overLimit)
    }

    /// What the initiator, or else the responder, says against the other.
    private func meet(
        _ first: LocalIdentity,
        _ second: LocalIdentity
    ) throws -> (initiator: ChannelFault.Code?, responder: ChannelFault.Code?) {
        var initiator = try initiator(first)
        var responder = try responder(second)
        var message = initiator.opening
        while true {
            let answer: ChannelHandshake.Step
            do throws(ChannelFault) {
                answer = try responder.take(message)
            } catch {
                return (nil, error.code)
            }
            if let opened = answer.opened {
                guard case .unwelcome(let fault) = opened.peer else { return (nil, nil) }
                return (nil, fault.code)
            }
            do throws(ChannelFault) {
                message = try initiator.take(answer.output).output
            } catch {
                return (error.code, nil)
            }
        }
    }

    @Test("devices of one tenant meet")
    func meets() throws {
        let result = try meet(station, hub)

        #expect(result == (nil, nil))
    }

    @Test("another tenant, and a root that only claims to be the tenant's, are refused")
    func strangers() throws {
        let other = try Tenant(2)
        let stranger = try other.device(3)
        let impostor = try other.device(3, tenant: tenant.id)

        #expect(try meet(stranger, hub).responder == .wrongTenant)
        #expect(try meet(station, impostor).initiator == .notAuthentic)
    }

    @Test("a certificate of a foreign root is refused by the responder too")
    func impostorCalls() throws {
        let impostor = try Tenant(2).device(3, tenant: tenant.id)
        let blind = LocalIdentity(
            tenant: tenant.id,
            channelKey: impostor.channelKey,
            credentials: station.credentials,
            authority: station.authority
        )

        #expect(try meet(blind, hub).responder == .notAuthentic)
        #expect(try meet(station, blind).initiator == .notAuthentic)
    }

    @Test("a revoked and a suspended device are refused, on either side")
    func barred() throws {
        let device = station.credentials().certificate.structure.device
        let payloads: [Statement.Payload] = [
            .revocation(device: device, serial: 0, reason: 1, effectiveAt: 1),
            .suspend(device: device, serial: 1, isOn: true),
        ]

        for payload in payloads {
            let judge = try tenant.device(1, log: try tenant.log([payload]))
            #expect(try meet(station, judge).responder == .barred)
            #expect(try meet(judge, station).initiator == .barred)
        }
    }

    @Test("a device does not meet itself, nor its clone with other keys")
    func ownDevice() throws {
        let clone = try tenant.device(1, keys: 50)

        #expect(try meet(hub, hub).initiator == .ownDevice)
        #expect(try meet(clone, hub).initiator == .ownDevice)
    }

    @Test("an ended certificate opens sessions within the grace, by signed time, and not after")
    func expired() throws {
        let old = try tenant.device(2, notAfter: 5_000)
        let grace = LocalIdentity.graceMillisecondsDefault
        func judge(at time: UInt64) throws -> LocalIdentity {
            try tenant.device(1, log: try tenant.log([.minimumVersion(1)], issued: time))
        }

        #expect(try meet(old, try judge(at: 5_000 + grace)).responder == nil)
        #expect(try meet(old, try judge(at: 5_001 + grace)).responder == .expired)
        #expect(try meet(try judge(at: 5_001 + grace), old).initiator == .expired)
    }

    @Test("the grace is for devices of one site; a hub lets in whoever it can renew (TCP-6)")
    func graceIsForNeighbours() throws {
        let log = try tenant.log([.minimumVersion(1)], issued: 5_001)
        let old = try tenant.device(2, notAfter: 5_000)
        let judge = try tenant.device(1, log: log)
        let elsewhere = try tenant.device(3, site: ID(high: 8, low: 8), log: log)
        let far = try tenant.log([.minimumVersion(1)], issued: Tenant.farFuture)
        let hub = try tenant.device(4, log: far, isHub: true)

        #expect(try meet(old, judge).responder == nil)
        #expect(try meet(old, elsewhere).responder == .expired)
        #expect(try meet(old, hub).responder == nil)
    }

    @Test("who shows an old certificate is judged by the newest in the log (ID-20)")
    func newestCounts() throws {
        let old = try tenant.device(2, notAfter: 5_000)
        var renewed = old.credentials().certificate.structure
        renewed.serial += 1
        renewed.notAfter = Tenant.farFuture
        let payload = Statement.Payload.certificate(tenant.signed(renewed))
        let log = try tenant.log([payload], issued: Tenant.farFuture - 1)

        #expect(try meet(old, try tenant.device(1, log: log)).responder == nil)
    }
}
