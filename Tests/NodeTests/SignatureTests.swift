import CRDT
import Domain
import Foundation
import Identity
import Node
import Storage
import Testing
import Wire

/// A hub where people sign what they saw.
private struct SigningDesk {
    let desk: LoginDesk
    let scope = Scope.subject(ID(high: 0x5b, low: 9))
    var hub: LocalNode { desk.hub }

    init() throws {
        desk = try LoginDesk()
        try desk.add("do")
        try desk.add("ly")
    }

    /// A record of the subject, and what a person is shown of it.
    func record() throws -> ID {
        let scope = scope
        let saved = try hub.act(.machine) { _ in
            var draft = Draft()
            draft.add(Opened(at: ID(high: 1, low: 1)).operation(), in: scope)
            return draft
        }
        return ID(createdAt: saved.stamp, index: 0)
    }

    func content(
        _ record: ID,
        _ meaning: ElectronicSignature.Meaning = .approved,
        reason: String? = "within limits"
    ) throws -> SignatureContent {
        let revision = try #require(try hub.read { try $0.revision(of: [record], in: scope) })
        return SignatureContent(
            meaning,
            of: record,
            in: scope,
            revision: revision,
            shown: Array("Frame 1: passed".utf8),
            reason: reason
        )
    }

    func subject(_ content: SignatureContent) -> SignedSubject {
        SignedSubject(
            content.record,
            in: content.scope,
            revision: content.revision,
            shown: content.shown,
            reason: content.reason.map(SignedSubject.Reason.text) ?? .absent
        )
    }
}

private func reason(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return CommandFault(error).reason
    }
}

@Suite("Signatures of people")
struct SignatureTests {
    private let signing: SigningDesk
    private var hub: LocalNode { signing.hub }
    private var desk: LoginDesk { signing.desk }
    private static let passphrase = "correct horse 42"

    init() throws {
        signing = try SigningDesk()
    }

    private func sign(_ proof: SignatureProof, _ content: SignatureContent) throws -> [UInt8] {
        try hub.sign(content, with: proof, by: desk.caller()).signed.encoded
    }

    @Test("P12: a signature shows printed name, date, time with zone and meaning (SIG-11)")
    func manifestation() throws {
        defer { desk.workshop.clean() }
        var edit = UserDraft()
        edit.displayName = "Do Thi J"
        try hub.editUser("do", edit, by: desk.admin())
        let content = try signing.content(signing.record())

        let bytes = try sign(.pin(LoginDesk.pin, name: "do"), content)
        let view = try hub.verify(signature: bytes, of: signing.subject(content))

        #expect(view.holds && view.printedName == "Do Thi J" && view.username == "do")
        #expect(view.time == "2026-11-21 12:00:00 +00:00 (UTC)")
        let text = view.lines.joined(separator: "\n")
        for part in [
            "approved by Do Thi J (do)", "2026-11-21 12:00:00 +00:00", "clock unconfirmed",
            "reason: within limits", "attested by HUB",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        let json = view.json.text
        for part in ["\"meaning\":\"approved\"", "\"name\":\"Do Thi J\"", "\"holds\":true"] {
            #expect(json.contains(part), "\(part)")
        }
    }

    @Test("P13: a signature moved to another record, version, reason or form does not hold (SIG-6)")
    func moved() throws {
        defer { desk.workshop.clean() }
        let (one, two) = (try signing.record(), try signing.record())
        let content = try signing.content(one)
        let bytes = try sign(.pin(LoginDesk.pin, name: "do"), content)
        func faults(_ change: (inout SignedSubject) -> Void) throws -> [SignatureView.Fault] {
            var subject = signing.subject(content)
            change(&subject)
            return try hub.verify(signature: bytes, of: subject).faults
        }

        #expect(try faults { _ in } == [])
        #expect(try faults { $0.record = two } == [.otherRecord])
        #expect(try faults { $0.scope = .tenant } == [.otherRecord])
        let other = try signing.content(two).revision
        #expect(try faults { $0.revision = other } == [.otherRevision])
        #expect(try faults { $0.reason = .text("within Limits") } == [.otherReason])
        #expect(try faults { $0.reason = .absent } == [.otherReason])
        #expect(try faults { $0.shown = Array("Frame 1: failed".utf8) } == [.otherForm])
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            let view = try? hub.verify(signature: changed, of: signing.subject(content))
            #expect(view?.holds != true, "byte \(index)")
        }
    }

    @Test("P13: what is written to a record after it was signed makes another revision (SIG-3)")
    func revisions() throws {
        defer { desk.workshop.clean() }
        let site = ID(high: 0x51, low: 7)
        func write(_ theme: String) throws {
            try hub.setPreference("theme", to: theme, by: hub.actor(as: nil, by: desk.caller(1)))
        }
        try write("dark")
        let record = try #require(
            try hub.read { try $0.records(of: Preferences.entity, in: .tenant).first?.id }
        )
        func revision() throws -> Hash? {
            try hub.read { try $0.revision(of: [record], in: .tenant) }
        }
        let first = try #require(try revision())

        #expect(try revision() == first)
        try write("light")
        let second = try #require(try revision())
        #expect(second != first)
        try write("dark")
        #expect(try revision() != first && (try revision()) != second)
        #expect(try hub.read { try $0.revision(of: [site], in: .tenant) } == nil)
    }

    @Test("P15: the first signature of a login needs name and PIN, the next the PIN alone (SIG-7)")
    func twoComponents() throws {
        defer { desk.workshop.clean() }
        let content = try signing.content(signing.record())
        func alone() -> String? { reason { _ = try sign(.pin(LoginDesk.pin), content) } }
        func both() throws { _ = try sign(.pin(LoginDesk.pin, name: "do"), content) }
        func login() throws {
            _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller())
        }

        #expect(alone() == "components-needed")
        try login()
        #expect(alone() == "components-needed")
        try both()
        #expect(alone() == nil && alone() == nil)
        #expect(reason { _ = try sign(.pin("000111"), content) } == "wrong-secret")
        // Locked, and so idle too: all components again.
        try hub.lockLogins(of: desk.caller())
        #expect(alone() == "components-needed")
        try login()
        #expect(alone() == "components-needed")
        try both()
        #expect(alone() == nil)
        desk.workshop.pass(milliseconds: 300_000)
        #expect(alone() == "components-needed")
        // A badge that another person shows in between ends it as well.
        try login()
        try both()
        try hub.setBadge(LoginDesk.code, of: "ly", by: desk.admin())
        _ = try hub.login(badge: LoginDesk.code, by: desk.caller())
        #expect(alone() == "components-needed")
        _ = try hub.switchLogin(to: "do", by: desk.caller())
        #expect(alone() == "components-needed")
        try both()
        #expect(alone() == nil)
        try hub.logout("do", by: desk.caller())
        #expect(alone() == "components-needed")
    }

    @Test("P15: a clock that jumps opens no login, and a restart of the machine ends it (ID-32)")
    func clockJump() throws {
        defer { desk.workshop.clean() }
        let content = try signing.content(signing.record())
        func node(wall: Int64, ticks: Int64, boot: UInt64) -> LocalNode {
            let start = Int64(Workshop.noon)
            return LocalNode(
                hub.store,
                wall: { UInt64(max(0, start + wall)) },
                chance: .seeded(11),
                ticks: { Ticks(milliseconds: ticks, boot: ID(high: 1, low: boot)) },
                secretCost: .least
            )
        }
        func alone(_ node: LocalNode) -> String? {
            reason { _ = try node.sign(content, with: .pin(LoginDesk.pin), by: desk.caller()) }
        }
        let start = node(wall: 0, ticks: 1_000, boot: 1)
        _ = try start.login("do", pin: LoginDesk.pin, by: desk.caller())
        _ = try start.sign(content, with: .pin(LoginDesk.pin, name: "do"), by: desk.caller())

        #expect(alone(node(wall: 86_400_000, ticks: 2_000, boot: 1)) == nil)
        #expect(alone(node(wall: -86_400_000, ticks: 3_000, boot: 1)) == nil)
        #expect(alone(node(wall: 1, ticks: 304_000, boot: 1)) == "components-needed")
        _ = try start.login("do", pin: LoginDesk.pin, by: desk.caller())
        _ = try start.sign(content, with: .pin(LoginDesk.pin, name: "do"), by: desk.caller())
        #expect(alone(node(wall: 2_000, ticks: 1_500, boot: 2)) == "components-needed")
    }

    @Test("P16: a PIN that an administrator set is recorded, signs nothing, and must be changed")
    func resetPIN() throws {
        defer { desk.workshop.clean() }
        let content = try signing.content(signing.record())
        let before = try sign(.pin(LoginDesk.pin, name: "do"), content)
        _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller())
        try hub.setPIN("RESET-7731", of: "do", by: desk.admin())
        let proof = SignatureProof.pin("RESET-7731", name: "do")

        #expect(try hub.logins(of: desk.caller()).logins.isEmpty)
        #expect(reason { _ = try sign(proof, content) } == "pin-change-needed")
        #expect(
            reason { _ = try hub.login("do", pin: "RESET-7731", by: desk.caller()) }
                == "pin-change-needed"
        )
        #expect(
            reason { _ = try hub.actor(as: "do", by: desk.caller(secrets: ["RESET-7731"])) }
                == "pin-change-needed"
        )
        let user = try hub.user("do").user
        #expect(reason { try hub.changePIN(from: "RESET-7731", to: "RESET-7731", of: user) } != nil)
        try hub.changePIN(from: "RESET-7731", to: "550417", of: user)
        #expect(reason { _ = try sign(.pin("550417", name: "do"), content) } == nil)
        // What was signed before stands.
        #expect(try hub.verify(signature: before, of: signing.subject(content)).holds)
        let steps = try hub.read { view in
            try view.events(of: CredentialStep.entity, in: LoginAttempt.hubScope)
        }
        let told = steps.filter { CredentialStep($0.fields).user == user }
            .map { (CredentialStep($0.fields).action, $0.origin.user == user) }
        #expect(told.map(\.0) == [.pinSet, .pinChanged, .pinSet, .pinChanged])
        #expect(told.map(\.1) == [false, true, false, true])
    }

    @Test("P16: an administrator cannot sign as somebody else, whatever they name")
    func adminAsUser() throws {
        defer { desk.workshop.clean() }
        try hub.setPIN("ADMIN-4471", of: "nguyen.van.a", by: desk.admin())
        let content = try signing.content(signing.record())
        func attempt(_ proof: SignatureProof) -> String? { reason { _ = try sign(proof, content) } }

        #expect(attempt(.pin("ADMIN-4471", name: "do")) == "wrong-secret")
        #expect(attempt(.passphrase("ADMIN-4471", name: "do")) == "no-key")
        _ = try hub.login("nguyen.van.a", pin: "ADMIN-4471", by: desk.caller())
        #expect(attempt(.pin("ADMIN-4471", name: "ly")) == "wrong-secret")
        let own = SignatureProof.pin("ADMIN-4471", name: "nguyen.van.a")
        let (_, actor) = try hub.sign(content, with: own, by: desk.caller())
        #expect(try actor.user == hub.user("nguyen.van.a").user)
    }

    @Test("P24: a personal key signs for its person alone, and no device can (SIG-5, SIG-8)")
    func personalKey() throws {
        defer { desk.workshop.clean() }
        let content = try signing.content(signing.record())
        _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller())
        let actor = try hub.actor(as: nil, by: desk.caller())
        let key = try hub.newPersonalKey(passphrase: Self.passphrase, by: actor)
        let proof = SignatureProof.passphrase(Self.passphrase, name: "do")
        let (signed, by) = try hub.sign(content, with: proof, by: desk.caller())
        let view = try hub.verify(signature: signed.encoded, of: signing.subject(content))

        #expect(view.holds && by.method == .personalKey && signed.structure.method == .personalKey)
        #expect(view.attestation.contains("personal key of do"))
        #expect(try #require(VerifyingKey(key)).bytes == key)
        // The device signs the same words: that is not the person's key.
        let forged = Signed(signing: signed.structure, with: hub.store.keys.sign)
        #expect(try hub.verify(signature: forged.encoded).faults == [.notSigned])
        // The person's key on a signature that claims a PIN: a device's key is asked for.
        var asPIN = signed.structure
        asPIN.method = .secretForAct
        let moved = Signed(asPIN, signature: signed.signature)
        #expect(try hub.verify(signature: moved.encoded).faults == [.notSigned])
        #expect(
            reason { _ = try sign(.passphrase("wrong horse 42", name: "do"), content) }
                == "wrong-secret"
        )
        #expect(
            reason { _ = try sign(.passphrase(Self.passphrase, name: "ly"), content) } == "no-key"
        )
        // Neither the passphrase nor the seed lies readable in the store.
        let values = try hub.store.localValues(prefix: "personal-key/").map(\.value)
        #expect(values.count == 1)
        let backup = desk.workshop.folder + "/backup.sqlite"
        try hub.store.backup(to: backup, wallMilliseconds: 1)
        let copy = try Data(contentsOf: URL(fileURLWithPath: backup))
        #expect(copy.range(of: Data("personal-key/".utf8)) == nil)
    }

    @Test("P14: a key is one person's for ever, a new key is a new record, and the old one stands")
    func keysStay() throws {
        defer { desk.workshop.clean() }
        let content = try signing.content(signing.record())
        _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller())
        let actor = try hub.actor(as: nil, by: desk.caller())
        _ = try hub.newPersonalKey(passphrase: Self.passphrase, by: actor)
        let proof = SignatureProof.passphrase(Self.passphrase, name: "do")
        let old = try sign(proof, content)
        desk.workshop.pass(milliseconds: 1_000)
        _ = try hub.newPersonalKey(passphrase: "another horse 7", by: actor)

        #expect(try hub.verify(signature: old, of: signing.subject(content)).holds)
        #expect(reason { _ = try sign(proof, content) } == "wrong-secret")
        let keys = try hub.personalKeys(of: "do")
        #expect(keys.map(\.state) == ["ended", "certified"] && Set(keys.map(\.key)).count == 2)
        let view = try hub.verify(signature: old)
        #expect(view.notes.contains { $0.hasPrefix("the key ended") })
        // A badge-login is not enough to ask for a key.
        let badge = Actor(user: actor.user, method: .badge)
        #expect(
            reason { _ = try hub.newPersonalKey(passphrase: Self.passphrase, by: badge) }
                == "method-too-weak"
        )
        #expect(
            reason { _ = try hub.newPersonalKey(passphrase: "short", by: actor) } == "weak-secret"
        )
    }

    @Test("a key that has ended signs nothing that holds; an administrator ends it (SIG-9)")
    func endedKey() throws {
        defer { desk.workshop.clean() }
        let content = try signing.content(signing.record())
        _ = try hub.login("do", pin: LoginDesk.pin, by: desk.caller())
        let actor = try hub.actor(as: nil, by: desk.caller())
        _ = try hub.newPersonalKey(passphrase: Self.passphrase, by: actor)
        let proof = SignatureProof.passphrase(Self.passphrase, name: "do")
        let before = try sign(proof, content)
        desk.workshop.pass(milliseconds: 5_000)
        // A thief who keeps the opened key goes on signing.
        let thief = try hub.signer(proof, by: desk.caller())
        let key = try #require(try hub.personalKeys(of: "do").first?.key)
        #expect(reason { try hub.endPersonalKey(key, reason: "  ", by: desk.admin()) } != nil)
        let ly = Actor(user: try hub.user("ly").user, method: .secretInLogin)
        #expect(reason { try hub.endPersonalKey(key, reason: "mine", by: ly) } == "not-allowed")
        try hub.endPersonalKey(key, reason: "card lost", by: desk.admin())
        let after = thief.sign(content).encoded

        #expect(try hub.verify(signature: before, of: signing.subject(content)).holds)
        #expect(try hub.verify(signature: after).faults == [.keyEnded])
        #expect(reason { _ = try sign(proof, content) } == "no-key")
        #expect(try hub.personalKeys(of: "do").first?.endReason == "card lost")
    }
}
