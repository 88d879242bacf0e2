import CRDT
import Wire

extension Connection {
    func auditHead() throws(StorageError) -> (size: UInt64, root: Hash) { (0, TreeHash.empty) }
    func auditRoot(of size: UInt64) throws(StorageError) -> Hash? { nil }
    func auditConsistency(from: UInt64, to: UInt64) throws(StorageError) -> ConsistencyProof? { nil }
}
