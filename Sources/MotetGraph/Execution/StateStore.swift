public import MotetCore

/// The memory of a program's states: parameters, optimizer moments, running statistics.
///
/// One owner changes it; executables over the same store work on the same memory. Memory does not move
/// once a state was added.
///
/// `@unchecked Sendable`: a training store is used by one thread at a time (its trainer's); the store of
/// a predictor is never written after it was filled.
public final class StateStore: @unchecked Sendable {
    /// The memory of one state, which several stores may have.
    private final class Entry {
        let type: TensorType
        let shape: [Int]
        let bytes: UnsafeMutableRawBufferPointer

        init(_ tensor: Tensor) {
            type = TensorType(Shape(fixed: tensor.shape), tensor.dtype)
            shape = tensor.shape
            bytes = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(tensor.byteCount, 64),
                alignment: 64
            )
            tensor.withBytes { bytes.copyMemory(from: $0) }
        }

        deinit { bytes.deallocate() }
    }

    private var entries: [String: Entry] = [:]
    /// The names of the states, in the order they were added.
    public private(set) var names: [String] = []

    /// An empty store.
    public init() {}

    /// Adds a state or replaces its elements.
    ///
    /// - Parameters:
    ///   - name: the state's name.
    ///   - tensor: its elements; a state that exists keeps its shape.
    public func set(_ name: String, _ tensor: Tensor) {
        if let entry = entries[name] {
            precondition(
                entry.shape == tensor.shape && entry.type.dtype == tensor.dtype,
                "StateStore: \"\(name)\" has shape \(entry.shape); received \(tensor.shape)."
            )
            tensor.withBytes { entry.bytes.copyMemory(from: $0) }
            return
        }
        entries[name] = Entry(tensor)
        names.append(name)
    }

    /// Adds a state of another store, whose memory both have from now on.
    ///
    /// - Parameters:
    ///   - name: the state's name; nothing happens where the other store has none, or this one has it.
    ///   - other: the store that has it.
    public func share(_ name: String, of other: StateStore) {
        guard let entry = other.entries[name], entries[name] == nil else { return }
        entries[name] = entry
        names.append(name)
    }

    /// A copy of a state's elements, or nil when there is no such state.
    public func tensor(_ name: String) -> Tensor? {
        guard let entry = entries[name] else { return nil }
        var tensor = Tensor(zeros: entry.shape, dtype: entry.type.dtype)
        tensor.withMutableBytes { destination in
            destination.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: entry.bytes.prefix(destination.count))
            )
        }
        return tensor
    }

    /// The type of a state, or nil when there is no such state.
    public func type(of name: String) -> TensorType? { entries[name]?.type }

    /// The memory of a state, for backends; nil when there is no such state.
    public func memory(_ name: String) -> UnsafeMutableRawPointer? {
        entries[name]?.bytes.baseAddress
    }
}
