extension ArrowColumn {
    /// Converts numbers, booleans (1 and 0) or timestamps to `Float` in bulk.
    ///
    /// - Parameters:
    ///   - destination: memory for `count` values.
    ///   - missing: the value written where the column has none.
    public func copyFloats(
        into destination: UnsafeMutableBufferPointer<Float>,
        missing: Float = .nan
    ) {
        copyNumbers(into: destination, missing: missing, FloatConversion())
    }

    /// Converts numbers, booleans (1 and 0) or timestamps to `Double` in bulk.
    ///
    /// - Parameters:
    ///   - destination: memory for `count` values.
    ///   - missing: the value written where the column has none.
    public func copyDoubles(
        into destination: UnsafeMutableBufferPointer<Double>,
        missing: Double = .nan
    ) {
        copyNumbers(into: destination, missing: missing, DoubleConversion())
    }

    /// Converts numbers, booleans (1 and 0) or timestamps to `Int64` in bulk.
    ///
    /// - Parameters:
    ///   - destination: memory for `count` values.
    ///   - missing: the value written where the column has none.
    /// - Returns: the first row whose value is not a whole number within `Int64`, or nil; from that
    ///   row on, the destination is not written.
    @discardableResult
    public func copyIntegers(
        into destination: UnsafeMutableBufferPointer<Int64>,
        missing: Int64 = 0
    ) -> Int? {
        copyNumbers(into: destination, missing: missing, IntegerConversion())
    }

    /// The number of a row as `Double`, or nil where it is missing; for single values.
    public func number(at row: Int) -> Double? {
        guard isValid(row) else { return nil }
        switch type {
        case .boolean: return boolean(at: row) ? 1 : 0
        case .int8: return withValues(of: Int8.self) { Double($0[row]) }
        case .int16: return withValues(of: Int16.self) { Double($0[row]) }
        case .int32: return withValues(of: Int32.self) { Double($0[row]) }
        case .int64, .timestamp: return withValues(of: Int64.self) { Double($0[row]) }
        case .uint8: return withValues(of: UInt8.self) { Double($0[row]) }
        case .uint16: return withValues(of: UInt16.self) { Double($0[row]) }
        case .uint32: return withValues(of: UInt32.self) { Double($0[row]) }
        case .uint64: return withValues(of: UInt64.self) { Double($0[row]) }
        case .float32: return withValues(of: Float.self) { Double($0[row]) }
        case .float64: return withValues(of: Double.self) { $0[row] }
        case .string, .dictionary, .list:
            preconditionFailure("ArrowColumn \"\(name)\": \(type) is not a number.")
        }
    }

    @discardableResult
    private func copyNumbers<Conversion: NumberConversion>(
        into destination: UnsafeMutableBufferPointer<Conversion.Output>,
        missing: Conversion.Output,
        _ conversion: Conversion
    ) -> Int? {
        precondition(destination.count >= count, "ArrowColumn: the destination is too small.")
        let failure: Int?
        switch type {
        case .boolean:
            for row in 0..<count { destination[row] = conversion(boolean(at: row)) }
            failure = nil
        case .int8: failure = convertIntegers(Int8.self, destination, conversion)
        case .int16: failure = convertIntegers(Int16.self, destination, conversion)
        case .int32: failure = convertIntegers(Int32.self, destination, conversion)
        case .int64, .timestamp: failure = convertIntegers(Int64.self, destination, conversion)
        case .uint8: failure = convertIntegers(UInt8.self, destination, conversion)
        case .uint16: failure = convertIntegers(UInt16.self, destination, conversion)
        case .uint32: failure = convertIntegers(UInt32.self, destination, conversion)
        case .uint64: failure = convertIntegers(UInt64.self, destination, conversion)
        case .float32: failure = convertFloats(Float.self, destination, conversion)
        case .float64: failure = convertFloats(Double.self, destination, conversion)
        case .string, .dictionary, .list:
            preconditionFailure("ArrowColumn \"\(name)\": \(type) is not a number.")
        }
        guard mayHaveNulls else { return failure }
        for row in 0..<(failure ?? count) where !isValid(row) { destination[row] = missing }
        return failure
    }

    @inline(__always)
    private func convertIntegers<
        Input: FixedWidthInteger & BitwiseCopyable,
        Conversion: NumberConversion
    >(
        _ input: Input.Type,
        _ destination: UnsafeMutableBufferPointer<Conversion.Output>,
        _ conversion: Conversion
    ) -> Int? {
        withValues(of: input) { values in
            for row in values.indices {
                guard let output = conversion(values[row]) else {
                    // A value that is missing may be anything.
                    guard isValid(row) else { continue }
                    return row
                }
                destination[row] = output
            }
            return nil
        }
    }

    @inline(__always)
    private func convertFloats<
        Input: BinaryFloatingPoint & BitwiseCopyable,
        Conversion: NumberConversion
    >(
        _ input: Input.Type,
        _ destination: UnsafeMutableBufferPointer<Conversion.Output>,
        _ conversion: Conversion
    ) -> Int? {
        withValues(of: input) { values in
            for row in values.indices {
                guard let output = conversion(values[row]) else {
                    guard isValid(row) else { continue }
                    return row
                }
                destination[row] = output
            }
            return nil
        }
    }
}

/// How numbers of any stored type become numbers of one type.
private protocol NumberConversion {
    associatedtype Output: BitwiseCopyable
    func callAsFunction(_ value: Bool) -> Output
    func callAsFunction<Input: FixedWidthInteger>(_ value: Input) -> Output?
    func callAsFunction<Input: BinaryFloatingPoint>(_ value: Input) -> Output?
}

private struct FloatConversion: NumberConversion {
    @inline(__always) func callAsFunction(_ value: Bool) -> Float { value ? 1 : 0 }
    @inline(__always) func callAsFunction<I: FixedWidthInteger>(_ value: I) -> Float? {
        Float(value)
    }
    @inline(__always) func callAsFunction<I: BinaryFloatingPoint>(_ value: I) -> Float? {
        Float(value)
    }
}

private struct DoubleConversion: NumberConversion {
    @inline(__always) func callAsFunction(_ value: Bool) -> Double { value ? 1 : 0 }
    @inline(__always) func callAsFunction<I: FixedWidthInteger>(_ value: I) -> Double? {
        Double(value)
    }
    @inline(__always) func callAsFunction<I: BinaryFloatingPoint>(_ value: I) -> Double? {
        Double(value)
    }
}

private struct IntegerConversion: NumberConversion {
    @inline(__always) func callAsFunction(_ value: Bool) -> Int64 { value ? 1 : 0 }
    @inline(__always) func callAsFunction<I: FixedWidthInteger>(_ value: I) -> Int64? {
        Int64(exactly: value)
    }
    @inline(__always) func callAsFunction<I: BinaryFloatingPoint>(_ value: I) -> Int64? {
        Int64(exactly: value)
    }
}
