public import CRDT
import Domain
public import Wire

extension View {
    /// The revision of records and events of a scope, as they are here: what a person signs.
    ///
    /// Nodes that hold the same writes of them give the same; another write gives another.
    ///
    /// - Parameters:
    ///   - ids: Of records and events that belong together.
    ///   - scope: Where they are.
    /// - Returns: nil if none of them is held, or counts.
    /// - Throws: What the disk says.
    /// - Source: SIG-3.
    public func revision(
        of ids: some Collection<ID>,
        in scope: Scope
    ) throws(StorageError) -> Hash? {
        guard let number = try connection.number(of: scope) else { return nil }
        let folder = Folder(connection: connection, schema: schema, tenant: tenant)
        var forms: [[UInt8]] = []
        for id in Set(ids).sorted() {
            forms += try folder.forms(of: id, in: scope, number)
        }
        guard !forms.isEmpty else { return nil }
        return ElectronicSignature.revision(of: forms, in: scope, tenant: tenant)
    }

    /// The certificates of a device under which changes are held here; of one that its peers never
    /// brought anything of, none.
    public func certificates(of device: ID? = nil) throws(StorageError) -> [Certificate] {
        let bindings = try connection.prepare("SELECT binding FROM replica ORDER BY number")
            .all { $0.bytes(0) }
        var found: [Certificate] = []
        for bytes in bindings {
            guard let binding = try? Binding(decoding: bytes) else {
                throw StorageError(.damaged, "the binding of a replica is not readable")
            }
            let certificate = binding.certificate.structure
            if device == nil || certificate.device == device { found.append(certificate) }
        }
        return found
    }
}
