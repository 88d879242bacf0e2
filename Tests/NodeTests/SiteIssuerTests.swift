import CRDT
import Domain
import Hub
import Node
import Storage
import Sync
import Testing
import Transports
import Wire

@Suite("Site issuers, ID-22")
struct SiteIssuerTests {
    private let workshop: Workshop

    init() throws {
        workshop = try Workshop()
    }

    /// A station that the hub has made an issuer, and that has heard of it.
    private func issuer(at hub: String, count: UInt16) async throws -> LocalNode {
        let station = try await workshop.device("ST-1", .station, at: hub, seed: 7)
        _ = try workshop.enrolment().appoint(station.store.device, count: count)
        try await workshop.meet(station, at: hub)
        return station
    }

    @Test("with no hub near, a station takes in a device that its neighbours believe")
    func joinsWithoutHub() async throws {
        defer { workshop.clean() }
        try await workshop.withHub { hub in
            let issuer = try await issuer(at: hub, count: 10)
            let other = try await workshop.device("ST-2", .station, at: hub, seed: 8)
            defer { for node in [issuer, other] { node.store.close() } }
            let enrolment = try Enrolment(issuer) { _ in }
            try await workshop.withListener(of: issuer, redeemer: enrolment) { address in
                let token =
                    try enrolment
                    .invite(.technician, to: workshop.site, users: [], address: address)
                let joined = try await workshop.join("TEC-7", token, seed: 9)
                defer { joined.store.close() }

                let given = joined.store.certificate
                #expect(given.issuer == issuer.siteIssuer?.structure.hash)
                let met = try await workshop.meet(joined, at: address)
                #expect(met?.code == .done)
                let here = try joined.store.digests().map(\.hash)
                #expect(try issuer.store.digests().map(\.hash) == here)
                try await workshop.withListener(of: other) { neighbour in
                    let met = try await workshop.meet(joined, at: neighbour)
                    #expect(met?.code == .done)
                }

                try await workshop.meet(joined, at: hub)
                let log = workshop.hub.store.authority
                #expect(joined.store.certificate.issuer == log.operatorHash)
                #expect(joined.store.certificate.serial == 5)
                #expect(log.inForce(given) == joined.store.certificate)
                let devices = try workshop.hub.read {
                    try $0.records(of: Device.entity, in: .tenant)
                }
                #expect(devices.contains { $0.fields.id(Device.device) == given.device })
            }
        }
    }

    @Test("an issuer gives as many certificates as it may, to its own site, for 30 days")
    func limits() async throws {
        defer { workshop.clean() }
        try await workshop.withHub { hub in
            let issuer = try await issuer(at: hub, count: 1)
            defer { issuer.store.close() }
            let enrolment = try Enrolment(issuer) { _ in }
            #expect(throws: CommandFault.self) {
                try enrolment
                    .invite(.station, to: ID(high: 1, low: 1), users: [], address: "h:1")
            }
            #expect(throws: CommandFault.self) {
                try enrolment.revoke(workshop.hub.store.device, reason: .lost)
            }
            try await workshop.withListener(of: issuer, redeemer: enrolment) { address in
                func join(_ name: String, seed: UInt64) async throws {
                    let token =
                        try enrolment
                        .invite(.station, to: workshop.site, users: [], address: address)
                    try await workshop.join(name, token, seed: seed).store.close()
                }
                try await join("ST-2", seed: 11)
                await #expect(throws: ChannelFault.self) { try await join("ST-3", seed: 12) }
                workshop.pass(days: 31)
                #expect(issuer.siteIssuer == nil)
                await #expect(throws: CommandFault.self) { try await join("ST-4", seed: 13) }
            }
        }
    }

    @Test("a station that nobody appointed invites nobody")
    func plainStation() async throws {
        defer { workshop.clean() }
        try await workshop.withHub { hub in
            let station = try await workshop.device("ST-1", .station, at: hub, seed: 7)
            let technician = try await workshop.device("TEC-7", .technician, at: hub, seed: 8)
            defer { for node in [station, technician] { node.store.close() } }
            let enrolment = try Enrolment(station) { _ in }

            #expect(throws: CommandFault.self) {
                try enrolment.invite(.station, to: workshop.site, users: [], address: "h:1")
            }
            #expect(throws: CommandFault.self) { try Enrolment(technician) { _ in } }
            #expect(throws: CommandFault.self) {
                try workshop.enrolment().appoint(technician.store.device, count: 1)
            }
        }
    }
}
