import MotetCore
import MotetGraph

/// The places of a convolution: which pixel of which image meets which element of the kernel.
private struct ConvolutionPlaces {
    let convolution: Convolution2D
    let image: [Int]
    let kernel: [Int]
    let result: [Int]

    /// Visits every product of the sum: positions in x, in w and in y.
    func forEach(_ body: (_ x: Int, _ w: Int, _ y: Int) -> Void) {
        let (groupInput, groupOutput) = (kernel[2], kernel[3] / convolution.groups)
        for b in 0..<result[0] {
            for i in 0..<result[1] {
                for j in 0..<result[2] {
                    for r in 0..<kernel[0] {
                        for s in 0..<kernel[1] {
                            let row = row(i, r)
                            let column = column(j, s)
                            guard (0..<image[1]).contains(row), (0..<image[2]).contains(column)
                            else { continue }
                            let pixel = ((b * image[1] + row) * image[2] + column) * image[3]
                            let target = ((b * result[1] + i) * result[2] + j) * result[3]
                            let window = (r * kernel[1] + s) * groupInput
                            for o in 0..<kernel[3] {
                                let first = o / groupOutput * groupInput
                                for c in 0..<groupInput {
                                    body(
                                        pixel + first + c,
                                        (window + c) * kernel[3] + o,
                                        target + o
                                    )
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private func row(_ i: Int, _ r: Int) -> Int {
        i * convolution.strides.height + r * convolution.dilations.height
            - convolution.padding.top
    }

    private func column(_ j: Int, _ s: Int) -> Int {
        j * convolution.strides.width + s * convolution.dilations.width
            - convolution.padding.left
    }
}

extension Convolution2D: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, w) = (inputs[0].doubles, inputs[1].doubles)
        let types = inputs.map { TensorType(Shape(fixed: $0.shape)) }
        guard let shape = try? outputTypes(types)[0].shape.fixedSizes else {
            preconditionFailure("reference backend: a convolution was not verified.")
        }
        var y = [Double](repeating: 0, count: shape.reduce(1, *))
        let places = ConvolutionPlaces(
            convolution: self,
            image: inputs[0].shape,
            kernel: inputs[1].shape,
            result: shape
        )
        places.forEach { y[$2] += x[$0] * w[$1] }
        if inputs.count == 3 {
            let bias = inputs[2].doubles
            for index in y.indices { y[index] += bias[index % bias.count] }
        }
        if let activation { y = y.map(activation.value) }
        return [Tensor(rounding: y, shape: shape)]
    }
}

extension Convolution2DInputGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (upstream, w) = (inputs[0].doubles, inputs[1].doubles)
        let shape = [
            inputs[0].shape[0], image.height, image.width,
            convolution.groups * inputs[1].shape[2],
        ]
        var made = [Double](repeating: 0, count: shape.reduce(1, *))
        let places = ConvolutionPlaces(
            convolution: convolution,
            image: shape,
            kernel: inputs[1].shape,
            result: inputs[0].shape
        )
        places.forEach { made[$0] += upstream[$2] * w[$1] }
        return [Tensor(rounding: made, shape: shape)]
    }
}

extension Convolution2DWeightGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (x, upstream) = (inputs[0].doubles, inputs[1].doubles)
        let shape = [
            kernel.height, kernel.width, inputs[0].units / convolution.groups, inputs[1].units,
        ]
        var made = [Double](repeating: 0, count: shape.reduce(1, *))
        let places = ConvolutionPlaces(
            convolution: convolution,
            image: inputs[0].shape,
            kernel: shape,
            result: inputs[1].shape
        )
        places.forEach { made[$1] += x[$0] * upstream[$2] }
        return [Tensor(rounding: made, shape: shape)]
    }
}
