import CRDT
import Domain
import Hub
import Node
import Storage
import Sync
import Testing
import Transports
import Wire

@Suite("Renewal of certificates, ID-19 and ID-20")
struct RenewalTests {
    private let workshop: Workshop

    init() throws {
        workshop = try Workshop()
    }

    /// The hub says something, so that signed time is now.
    private func sign() throws {
        _ = try workshop.enrolment().invite(.station, to: workshop.site, users: [], address: "h:1")
    }

    @Test("from one third of its life a certificate is renewed by meeting the hub, and not before")
    func renewedFromOneThird() async throws {
        defer { workshop.clean() }
        try await workshop.withHub { address in
            let station = try await workshop.device("ST-1", .station, at: address, seed: 7)
            defer { station.store.close() }
            let first = station.store.certificate
            let replica = station.store.replica

            workshop.pass(days: 120)
            try await workshop.meet(station, at: address)
            #expect(station.store.certificate == first)
            workshop.pass(days: 2)
            #expect(station.certificateStanding.state == .due)
            try await workshop.meet(station, at: address)

            let renewed = station.store.certificate
            #expect(renewed.serial > first.serial)
            #expect(renewed.notAfter > first.notAfter)
            #expect(renewed.signKey == first.signKey && renewed.channelKey == first.channelKey)
            #expect(renewed.device == first.device && renewed.site == first.site)
            #expect(station.store.replica == replica && station.certificateStanding.state == .valid)
            try await workshop.meet(station, at: address)
            #expect(station.store.certificate == renewed)
        }
    }

    @Test("what a device writes after a renewal goes on in its feeds")
    func feedsGoOn() async throws {
        defer { workshop.clean() }
        try await workshop.withHub { address in
            let station = try await workshop.device("ST-1", .station, at: address, seed: 7)
            defer { station.store.close() }
            try station.write("before", at: workshop.site)
            workshop.pass(days: 200)
            try await workshop.meet(station, at: address)
            try station.write("after", at: workshop.site)
            try await workshop.meet(station, at: address)

            let here = try station.store.digests().map(\.hash)
            #expect(try workshop.hub.store.digests().map(\.hash) == here)
            #expect(try workshop.hub.store.verify { _ in }.faults.isEmpty)
        }
    }

    @Test("ended within the grace, a device meets peers of its site, is shown so, and is renewed")
    func grace() async throws {
        defer { workshop.clean() }
        try await workshop.withHub { hub in
            let station = try await workshop.device("ST-1", .station, at: hub, seed: 7)
            let technician = try await workshop.device("TEC-7", .technician, at: hub, seed: 8)
            defer { for node in [station, technician] { node.store.close() } }
            workshop.pass(days: 100)
            try sign()
            try await workshop.meet(station, at: hub)

            try await workshop.withListener(of: station) { address in
                let ending = try await workshop.meet(technician, at: address)
                #expect(ending?.code == .done)
            }
            let shown = station.certificateStanding(of: technician.store.device)
            #expect(shown?.state == .grace)
            #expect(technician.certificateStanding.state == .grace)
            try await workshop.meet(technician, at: hub)
            #expect(technician.certificateStanding.state == .valid)
        }
    }

    @Test("ended past the grace, peers refuse a device, and the hub renews it all the same")
    func pastGrace() async throws {
        defer { workshop.clean() }
        try await workshop.withHub { hub in
            let station = try await workshop.device("ST-1", .station, at: hub, seed: 7)
            let technician = try await workshop.device("TEC-7", .technician, at: hub, seed: 8)
            defer { for node in [station, technician] { node.store.close() } }
            workshop.pass(days: 181)
            try sign()
            try await workshop.meet(station, at: hub)

            try await workshop.withListener(of: station) { address in
                let refused = try await workshop.meet(technician, at: address)
                #expect(refused?.code == .notAllowed)
                try await workshop.meet(technician, at: hub)
                #expect(technician.certificateStanding.state == .valid)
                // The station has not heard of the new certificate: the operator proves it.
                #expect(try await workshop.meet(technician, at: address)?.code == .done)
            }
        }
    }

    @Test("a revoked device is renewed by nobody, and neither is a suspended one")
    func revoked() async throws {
        defer { workshop.clean() }
        try await workshop.withHub { hub in
            let stolen = try await workshop.device("TEC-7", .technician, at: hub, seed: 7)
            let suspended = try await workshop.device("TEC-8", .technician, at: hub, seed: 8)
            defer { for node in [stolen, suspended] { node.store.close() } }
            try workshop.enrolment().revoke(stolen.store.device, reason: .stolen)
            try workshop.enrolment().suspend(suspended.store.device, isOn: true)
            workshop.pass(days: 80)

            for node in [stolen, suspended] {
                _ = try? await workshop.meet(node, at: hub)
                let serials = workshop.hub.store.authority.certificates
                    .filter { $0.structure.device == node.store.device }
                #expect(serials.count == 1)
            }
        }
    }

    @Test("a hub renews itself, and certifies nobody once its operator has ended")
    func hubItself() async throws {
        defer { workshop.clean() }
        let enrolment = try workshop.enrolment()
        let first = workshop.hub.store.certificate
        workshop.pass(days: 200)
        enrolment.renewOwn()
        let renewed = workshop.hub.store.certificate
        #expect(renewed.notAfter > first.notAfter && renewed.kind == .hub)

        workshop.pass(days: 220)
        enrolment.renewOwn()
        #expect(workshop.hub.store.certificate == renewed)
        let findings = try Health(of: workshop.hub).findings
        #expect(findings.contains { $0.subject == "operator" && $0.grade == .bad })
    }
}

extension LocalNode {
    /// Writes a device record's name, which every certificate may.
    fileprivate func write(_ name: String, at site: ID) throws {
        let tenant = store.tenant
        _ = try act(.machine) { _ in
            var values = FieldValues()
            values.set(Device.device, ID(high: 9, low: UInt64(name.utf8.count)))
            values.set(Device.name, name)
            let operation = Operation(
                creating: Device.entity,
                values,
                in: .site(site),
                tenant: tenant
            )
            var draft = Draft()
            draft.add(operation, in: .site(site))
            return draft
        }
    }
}
