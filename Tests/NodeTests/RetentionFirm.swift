import CRDT
import Domain
import Foundation
import Node
import Simulation
import Storage

/// The firm over twenty years: a project that is long over, and stations that were away.
struct RetentionFirm {
    let firm: Firm
    let scope: Scope
    private static let admin = "nguyen.van.a"

    static let day: UInt64 = 86_400
    static let year: UInt64 = 365 * 86_400 + 21_600
    /// 2024 to 2050.
    private static let validity: ClosedRange<UInt64> = 1_704_067_200_000...2_524_608_000_000

    var hub: Station { firm.hub }

    init() throws {
        firm = try Firm(validity: Self.validity)
        scope = try firm.hub.node.project(Firm.project).scope
    }

    /// The project is over, everybody knows, and the hub has said what it holds.
    func close(_ project: String = Firm.project) throws {
        try hub.node.cancel(project, reason: "withdrawn", by: actor())
        try attest()
        try firm.meetAll()
        try attest()
    }

    func actor() throws -> Actor { try hub.actor(Self.admin) }

    func attest() throws {
        _ = try hub.node.store.attest(wallMilliseconds: hub.node.wallMilliseconds)
    }

    func pass(years: UInt64) { firm.pass(seconds: years * Self.year) }

    func planned() throws -> PlannedScope? {
        try hub.node.retentionPlan().first { $0.scope == scope }
    }

    /// Whether a node holds anything of the project.
    func holds(_ station: Station) throws -> Bool {
        try station.node.read { try $0.scopes(.subject) }.contains(scope)
    }

    func certificates(_ station: Station) throws -> [PurgeCertificate] {
        try station.node.read { try $0.purgeCertificates().map(\.1) }
    }

    func digest(_ station: Station) throws -> Hash? {
        try station.node.store.digests().first { $0.scope == scope }?.hash
    }

    /// The files of the hub's archives.
    func archives() throws -> [String] {
        let folder = hub.node.archiveFolder
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.sorted().map { "\(folder)/\($0)" }
    }
}
